"""What services need from the world, one module a port; adapters promise what is written here.

Every port raises `TryLater` while its server is away or overtaxed, and nothing of the vendor's.
"""
