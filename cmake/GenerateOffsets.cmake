# SPDX-License-Identifier: MIT
# Makes a header of "#define NAME VALUE" from the OFFSET lines of a compiled offsets.c.
#   cmake -DFROM=offsets.s -DTO=offsets.h -P GenerateOffsets.cmake
file(STRINGS "${FROM}" lines REGEX "OFFSET ")
set(text "/* SPDX-License-Identifier: MIT */\n/* Generated from core/offsets.c. */\n")
foreach(line ${lines})
	string(REGEX REPLACE ".*OFFSET ([A-Z0-9_]+) ([0-9]+).*" "#define \\1 \\2\n"
		define "${line}")
	string(APPEND text "${define}")
endforeach()
file(WRITE "${TO}" "${text}")
