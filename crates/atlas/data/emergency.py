"""Writes emergency.tsv from the short-number metadata of the PyPI package `phonenumbers`.

Usage: python emergency.py > emergency.tsv
"""

import itertools
import re

import phonenumbers
from phonenumbers import PhoneMetadata
from phonenumbers.shortdata import _AVAILABLE_REGION_CODES as REGIONS


def numbers(pattern):
    compiled = re.compile(pattern)
    for n in range(2, 6):
        for digits in itertools.product("0123456789", repeat=n):
            text = "".join(digits)
            if compiled.fullmatch(text):
                yield text


print("# Emergency numbers by country, from libphonenumber's short-number metadata (Apache-2.0,")
print(f"# The libphonenumber Authors), release {phonenumbers.__version__}; written by emergency.py.")
for region in sorted(REGIONS):
    emergency = PhoneMetadata.short_metadata_for_region(region).emergency
    if emergency and emergency.national_number_pattern:
        print(region + "\t" + ",".join(numbers(emergency.national_number_pattern)))
