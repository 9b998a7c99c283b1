"""What an administrator needs: self-check, queue metrics, backup, restore, the data folder of an instance.

Imported by web, desk and the command line.
"""
