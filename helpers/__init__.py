"""Helpers of the course pack *Failures in Data Privacy*: a folder for each lesson, and ten files that lessons share.

    encryption -> help_pages, inputs, picture, progress, tables, verdict
    reidentification -> inputs, picture, tables, verdict
    inversion -> inputs, optimizer, picture, progress, verdict
    text -> accountant, help_pages, inputs, optimizer, picture, progress, verdict
    defences -> reidentification, inversion, accountant, inputs, optimizer, picture, progress, verdict
    challenge -> encryption, reidentification, inversion, text, inputs, picture, progress
    accountant -> inputs, progress
    memory, optimizer, picture, progress, tables, widgets -> inputs
    help_pages
    inputs
    verdict

An arrow means "imports", and there is no other: lessons do not know each other, but for defences, and
shared files know no lesson. (The notebook of defences calls encryption, too.) A lesson's package hands on
its attacks. Beside them lie its ``data``, ``figures`` and ``exercises``, the checks behind "Your turn".
challenge is no lesson: it makes each student's own task of all five (that of defences needs no code of it), and nobody
imports it.
"""
