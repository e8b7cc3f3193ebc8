"""What all networks of Meta share: the Graph API with its errors and limits, its calls to us, its login.

Facts: developers.facebook.com/docs/graph-api (v26.0, 2026). Facebook, Instagram, Threads and WhatsApp build on it.
"""
