# SPDX-License-Identifier: MIT
#
# How the parts of a VMM are compiled and linked:
#   bf_add_extension(NAME SOURCES file...)        a static library on the public API alone
#   bf_add_vmm(NAME [EXTENSIONS library...])      a VMM image, vmm/NAME.elf
#
# Everything that goes into an image is freestanding and never touches SSE or the FPU. Large stack
# frames are touched page by page: an overflow meets the guard page and does not step over it.

get_filename_component(BF_ROOT "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)

add_library(bf_warnings INTERFACE)
target_compile_options(bf_warnings INTERFACE -Wall -Wextra -Werror)

add_library(bf_sdk INTERFACE)
target_include_directories(bf_sdk INTERFACE "${BF_ROOT}/bfsdk/include" "${BF_ROOT}/bfsdk/abi")

add_library(bf_freestanding INTERFACE)
target_compile_options(bf_freestanding INTERFACE
	-ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone -mgeneral-regs-only
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-strict-aliasing
	-fcf-protection=none -fstack-clash-protection -O2 -g)
target_link_libraries(bf_freestanding INTERFACE bf_warnings)

function(bf_add_extension name)
	cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
	add_library(${name} STATIC ${ARG_SOURCES})
	target_link_libraries(${name} PUBLIC bf_sdk PRIVATE bf_freestanding)
endfunction()

function(bf_add_vmm name)
	cmake_parse_arguments(ARG "" "" "EXTENSIONS" ${ARGN})
	set(script "${BF_ROOT}/bfvmm/vmm.lds")
	set(whole)
	foreach(extension ${ARG_EXTENSIONS})
		list(APPEND whole -Wl,--whole-archive $<TARGET_FILE:${extension}>
			-Wl,--no-whole-archive)
	endforeach()
	add_executable(vmm_${name} "${BF_ROOT}/bfvmm/core/note.c")
	target_link_libraries(vmm_${name} PRIVATE bf_freestanding bf_vmm_includes ${whole}
		-Wl,--whole-archive bfvmm_core bfvmm_arch -Wl,--no-whole-archive)
	if(ARG_EXTENSIONS)
		add_dependencies(vmm_${name} ${ARG_EXTENSIONS})
	endif()
	target_link_options(vmm_${name} PRIVATE -nostdlib -static -no-pie -Wl,-T,${script}
		-Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack
		-Wl,--fatal-warnings -Wl,--orphan-handling=error)
	set_target_properties(vmm_${name} PROPERTIES
		OUTPUT_NAME "${name}.elf" LINK_DEPENDS "${script}"
		RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/vmm")
endfunction()
