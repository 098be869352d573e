"""Helpers of the course pack *Failures in Data Privacy*.

Read one module at a time; imports go down only:

    notebooks -> widgets -> figures -> encryption, reidentification, inversion -> data

``exercises`` holds the checks behind "Your turn".
"""
