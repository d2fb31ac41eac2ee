# SPDX-License-Identifier: MIT
#
# How the parts of a VMM are compiled and linked, in this tree and in a project of its own:
#   bf_add_extension(NAME SOURCES file...)        a static library on the public API alone
#   bf_add_vmm(NAME [EXTENSIONS library...])      a VMM image, vmm/NAME.elf
#
# Everything that goes into an image is freestanding and never touches SSE or the FPU. Large stack
# frames are touched page by page: an overflow meets the guard page and does not step over it.
#
# Whoever includes this has set
#   BF_ROOT       the folder that has bfvmm/ and bfsdk/mock/
#   BF_INCLUDE    the folders of the public headers
#   BF_OWN_FLAGS  more options for Bareframe's own sources
# and makes the archives of the VMM known as Bareframe::core and Bareframe::arch.
include_guard(GLOBAL)

option(BF_WERROR "Warnings in extensions and their tests are errors" ON)

# A row of a table may end before its last members; they are 0.
add_library(bf_warnings INTERFACE)
target_compile_options(bf_warnings INTERFACE -Wall -Wextra -Wno-missing-field-initializers
	$<$<BOOL:${BF_WERROR}>:-Werror>)

add_library(bf_sdk INTERFACE)
target_include_directories(bf_sdk INTERFACE ${BF_INCLUDE})

# A debugger finds sources by names relative to the root: images do not depend on where that is.
add_library(bf_freestanding INTERFACE)
target_compile_options(bf_freestanding INTERFACE
	-ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-strict-aliasing
	-fcf-protection=none -fstack-clash-protection -O2 -g
	"-ffile-prefix-map=${BF_ROOT}/=")
target_link_libraries(bf_freestanding INTERFACE bf_warnings)

# What makes an image of archives.
set(bf_script "${BF_ROOT}/bfvmm/vmm.lds")
add_library(bf_image INTERFACE)
target_sources(bf_image INTERFACE "${BF_ROOT}/bfvmm/core/note.c")
target_link_libraries(bf_image INTERFACE bf_freestanding bf_sdk)
target_link_options(bf_image INTERFACE -nostdlib -static -no-pie "-Wl,-T,${bf_script}"
	-Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack
	-Wl,--fatal-warnings -Wl,--orphan-handling=error)
set_target_properties(bf_image PROPERTIES INTERFACE_LINK_DEPENDS "${bf_script}")

# Stops with a message about the call if it is not as its comment says.
function(bf_check_call call unparsed)
	if(NOT "${unparsed}" STREQUAL "")
		message(FATAL_ERROR "${call}: '${unparsed}' is no argument of it")
	endif()
	foreach(extension ${ARGN})
		if(NOT TARGET ${extension})
			message(FATAL_ERROR "${call}: there is no extension '${extension}'; "
				"call bf_add_extension(${extension} ...) before")
		endif()
	endforeach()
endfunction()

function(bf_add_extension name)
	cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
	bf_check_call("bf_add_extension(${name})" "${ARG_UNPARSED_ARGUMENTS}")
	if(NOT ARG_SOURCES)
		message(FATAL_ERROR "bf_add_extension(${name}): no SOURCES")
	endif()
	add_library(${name} STATIC ${ARG_SOURCES})
	target_link_libraries(${name} PUBLIC bf_sdk PRIVATE bf_freestanding)
	# A test on the mock machine compiles the same files for the host.
	list(TRANSFORM ARG_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
	set_target_properties(${name} PROPERTIES BF_SOURCES "${ARG_SOURCES}"
		POSITION_INDEPENDENT_CODE OFF INTERPROCEDURAL_OPTIMIZATION OFF)
endfunction()

function(bf_add_vmm name)
	cmake_parse_arguments(ARG "" "" "EXTENSIONS" ${ARGN})
	bf_check_call("bf_add_vmm(${name})" "${ARG_UNPARSED_ARGUMENTS}" ${ARG_EXTENSIONS})
	add_executable(vmm_${name})
	target_link_libraries(vmm_${name} PRIVATE bf_image)
	foreach(archive ${ARG_EXTENSIONS} Bareframe::core Bareframe::arch)
		target_link_libraries(vmm_${name} PRIVATE
			"$<LINK_LIBRARY:WHOLE_ARCHIVE,${archive}>")
	endforeach()
	set_target_properties(vmm_${name} PROPERTIES LINKER_LANGUAGE C
		POSITION_INDEPENDENT_CODE OFF INTERPROCEDURAL_OPTIMIZATION OFF
		OUTPUT_NAME "${name}.elf" RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/vmm")
	set_property(GLOBAL APPEND PROPERTY BF_IMAGES vmm_${name})
endfunction()
