"""Values that one stage hands to another: stored whole, named by content, checked on read.

A value that leaves its process must be the same value in the next one. Four ideas carry this:

- `pickler` rebuilds functions against the *loading* kernel's namespace, so that code keeps
  seeing its globals, and classes keep one identity across all artifacts.
- `groups` stores together what shares mutable objects or memory, so that aliases stay aliases.
- `container` keeps big buffers out of the pickle, in one aligned file that readers map
  copy-on-write, and hashes it while writing.
- `store` and `manifest` put that file below the execution, in a folder or in S3, and list its
  hash; nothing is unpickled whose hash is not listed.
"""
