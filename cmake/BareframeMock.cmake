# SPDX-License-Identifier: MIT
#
# Unit tests on the mock machine:
#   bf_add_mock_test(NAME [CORE] SOURCES file... [EXTENSIONS library...])
# builds a CMocka test of extensions or of the VMM itself, for the host, and gives it to CTest.
# Extension sources can also be compiled into the test directly. CORE leaves the VMX and SVM
# backends out: the test uses mock_hv_ops alone.

get_filename_component(BF_ROOT "${CMAKE_CURRENT_LIST_DIR}/.." ABSOLUTE)
set(BF_MOCK_DIR "${BF_ROOT}/bfsdk/mock")

find_library(BF_CMOCKA cmocka REQUIRED)

add_library(bf_host INTERFACE)
target_compile_options(bf_host INTERFACE -Wall -Wextra -Werror -g -fno-omit-frame-pointer
	-fstack-clash-protection)
if(BF_SANITIZE)
	target_compile_options(bf_host INTERFACE -fsanitize=address,undefined
		-fno-sanitize-recover=all)
	target_link_options(bf_host INTERFACE -fsanitize=address,undefined)
endif()

add_library(bf_mock_includes INTERFACE)
target_include_directories(bf_mock_includes INTERFACE
	"${BF_MOCK_DIR}/hw" "${BF_MOCK_DIR}/include" "${BF_ROOT}/bfsdk/include"
	"${BF_ROOT}/bfsdk/abi" "${BF_ROOT}/bfvmm/include" "${BF_ROOT}/bfvmm/arch/x86_64")

# The VMM unchanged, but for what only a bare machine can have: libc has the byte operations,
# offsets.c is no code, note.c is for the image.
file(GLOB bf_core_sources CONFIGURE_DEPENDS
	"${BF_ROOT}/bfvmm/core/*.c" "${BF_ROOT}/bfvmm/mem/*.c" "${BF_ROOT}/bfvmm/sched/*.c"
	"${BF_ROOT}/bfvmm/vm/*.c" "${BF_ROOT}/bfvmm/arch/x86_64/common/*.c")
file(GLOB bf_arch_sources CONFIGURE_DEPENDS
	"${BF_ROOT}/bfvmm/arch/x86_64/vmx/*.c" "${BF_ROOT}/bfvmm/arch/x86_64/svm/*.c"
	"${BF_MOCK_DIR}/arch/*.c")
list(FILTER bf_core_sources EXCLUDE REGEX "/(string|[a-z_]*offsets|note)\\.c$")
list(FILTER bf_arch_sources EXCLUDE REGEX "/[a-z_]*offsets\\.c$")
file(GLOB bf_mock_sources CONFIGURE_DEPENDS "${BF_MOCK_DIR}/src/*.c")

# The two need each other; CORE tests do without the second.
add_library(bf_mock STATIC ${bf_core_sources} ${bf_mock_sources})
add_library(bf_mock_arch STATIC ${bf_arch_sources})
foreach(library bf_mock bf_mock_arch)
	target_link_libraries(${library} PUBLIC bf_mock_includes bf_host ${BF_CMOCKA})
	target_compile_options(${library} PRIVATE -fno-strict-aliasing)
endforeach()

# Descriptors of extensions: the host's linker names the ends of a section in its own way.
set_source_files_properties("${BF_ROOT}/bfvmm/core/ext.c" TARGET_DIRECTORY bf_mock PROPERTIES
	COMPILE_OPTIONS "-include;${BF_MOCK_DIR}/src/extensions.h")

# Calls that the mock machine takes over, counts or lets fail.
target_link_options(bf_mock_includes INTERFACE
	-Wl,--wrap=bf_pages_alloc -Wl,--wrap=bf_pages_free -Wl,--wrap=bf_log_init)

function(bf_add_mock_test name)
	cmake_parse_arguments(ARG "CORE" "" "SOURCES;EXTENSIONS" ${ARGN})
	add_executable(${name} ${ARG_SOURCES})
	if(ARG_CORE)
		target_link_libraries(${name} PRIVATE bf_mock)
	else()
		target_link_libraries(${name} PRIVATE
			$<LINK_GROUP:RESCAN,bf_mock_arch,bf_mock>)
	endif()
	foreach(extension ${ARG_EXTENSIONS})
		target_link_libraries(${name} PRIVATE
			-Wl,--whole-archive ${extension} -Wl,--no-whole-archive)
	endforeach()
	add_test(NAME ${name} COMMAND ${name})
	set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()
