"""E-mail: mails to an official address in by IMAP, answers out by SMTP."""
