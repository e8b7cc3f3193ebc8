"""What the emulators of networks have in common: their people, their calls to us, their page, and how they run.

An emulator is a network on this machine for training and tests, where the network's own server cannot be had. It lives
in its network's folder (`channels/NETWORK/emulator.py`, class `Emulator`), speaks the network's public API as its
official contract says, and forgets everything when it ends. Nothing of the product imports it; the sandbox runs it as a
program (`openline.sandbox.emulators`).
"""
