"""Write the pipeline folder: everything that a reviewer reads and a machine needs.

::

    document + Analysis -> Bundle (stage notebooks, requirements, files)   what a run needs
    Bundle + Pipeline   -> Folder (script, template, README, test, lock)   what Git keeps

All of it is text that depends on nothing but its inputs; only ``folder.py`` touches the disk.
"""
