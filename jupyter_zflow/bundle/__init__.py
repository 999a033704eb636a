"""What travels to the machine of a stage, known by its content.

::

    <folder>/stages, files, requirements, wheels      what Git keeps and reviewers read
    our own runtime                                   lib/, vendored when a bundle is made
        -> Bundle: path -> file, each with its digest; the digest of all is the version

The runtime is not committed with a pipeline: reviewers would read our code in place of theirs. It
counts in the version all the same, so that no two runtimes ever share an upload.
"""

from __future__ import annotations

from jupyter_zflow.bundle.content import MANIFEST, PARTS, Bundle, BundleFile, read_bundle
from jupyter_zflow.bundle.pack import write_bundle

__all__ = ["MANIFEST", "PARTS", "Bundle", "BundleFile", "read_bundle", "write_bundle"]
