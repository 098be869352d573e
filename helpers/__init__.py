"""Helpers of the course pack *Failures in Data Privacy*: a folder a lesson, and four files that all share.

    encryption, reidentification, inversion -> picture, tables, verdict
    defences -> encryption, reidentification, inversion, picture, verdict
    widgets

An arrow means "imports"; there is no other. Lessons 1 to 3 do not know each other, and shared files know
no lesson. In a lesson's folder: the attacks, by name; ``data``, ``figures`` (of that lesson) and
``exercises`` (the checks behind "Your turn").
"""
