# SPDX-License-Identifier: MIT
# Run by CPack before it makes packages: what Debian wants in each beside what is installed.
# share/doc/PACKAGE/copyright and changelog.gz, lintian's overrides, compressed manual pages, no
# symbols in programs.
foreach(component ${CPACK_COMPONENTS_ALL})
	string(TOUPPER ${component} upper)
	set(package "${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
	set(root "${CPACK_TEMPORARY_DIRECTORY}/${component}/usr")
	set(doc "${root}/share/doc/${package}")
	file(MAKE_DIRECTORY "${doc}")
	foreach(file copyright changelog)
		file(READ "${CPACK_BF_DEB}/${file}" text)
		string(REGEX REPLACE "^#[^\n]*\n" "" text "${text}") # the tree's own line
		string(REPLACE "@VERSION@" "${CPACK_PACKAGE_VERSION}" text "${text}")
		file(WRITE "${doc}/${file}" "${text}")
	endforeach()
	if(EXISTS "${CPACK_BF_DEB}/${package}.lintian")
		file(COPY_FILE "${CPACK_BF_DEB}/${package}.lintian"
			"${CPACK_TEMPORARY_DIRECTORY}/${component}.lintian")
		file(MAKE_DIRECTORY "${root}/share/lintian/overrides")
		file(RENAME "${CPACK_TEMPORARY_DIRECTORY}/${component}.lintian"
			"${root}/share/lintian/overrides/${package}")
	endif()
	# VMM images and archives keep their symbols: people debug extensions with them.
	file(GLOB programs "${root}/sbin/*" "${root}/lib/bareframe/machine/*")
	if(programs)
		execute_process(COMMAND strip ${programs} COMMAND_ERROR_IS_FATAL ANY)
	endif()
	file(GLOB pages "${root}/share/man/man*/*.[0-9]")
	execute_process(COMMAND gzip -9nf ${pages} "${doc}/changelog" COMMAND_ERROR_IS_FATAL ANY)
	# CPack's own folders follow the umask.
	execute_process(COMMAND chmod -R u=rwX,go=rX "${root}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
