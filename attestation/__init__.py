"""Who said what: identifiers, keys, signed statements and their verification in twelve numbered steps.

Pure: no SQL, no chain, no files and no clock. What verification must know of the log it asks of the
port in :mod:`attestation.context`; time comes in as an argument.
"""
