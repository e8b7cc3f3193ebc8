"""What the city does, counted: figures for residents, press and council, made by a job and read by pages."""
