"""Images as files: content-addressed, read-only, verified when mounted.

`store` keeps them, `sealing` makes one of a machine's image and layer by the rules in
`rules`, `listings` says what is in one and gives its digest, `trees` reads a folder into
entries, and `squashfs` knows the file format.  Everything acts on the disk, and mounting
needs root.
Imports `system` only.  Read next: `store`, then `rules`.
"""
