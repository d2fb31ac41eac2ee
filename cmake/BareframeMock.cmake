# SPDX-License-Identifier: MIT
#
# Unit tests on the mock machine:
#   bf_add_mock_test(NAME [CORE] SOURCES file... [EXTENSIONS library...])
# builds a CMocka test of extensions or of the VMM itself, for the host, and gives it to CTest.
# The sources of EXTENSIONS, libraries of bf_add_extension(), are compiled into the test; they can
# be among SOURCES as well. CORE leaves the VMX and SVM backends out: the test uses mock_hv_ops
# alone.
#
# Needs what Bareframe.cmake needs. BF_MOCK_BUILT, if set, is the folder of ready archives of the
# mock machine; builds with sanitizers make their own.
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/Bareframe.cmake")

option(BF_SANITIZE "Build the host code with ASan and UBSan" OFF)

add_library(bf_host INTERFACE)
target_compile_options(bf_host INTERFACE -g -fno-omit-frame-pointer
	-fstack-clash-protection)
target_link_libraries(bf_host INTERFACE bf_warnings)
if(BF_SANITIZE)
	target_compile_options(bf_host INTERFACE -fsanitize=address,undefined
		-fno-sanitize-recover=all)
	target_link_options(bf_host INTERFACE -fsanitize=address,undefined)
endif()

add_library(bf_mock_includes INTERFACE)
target_include_directories(bf_mock_includes INTERFACE
	"${BF_ROOT}/bfsdk/mock/hw" "${BF_ROOT}/bfsdk/mock/include" ${BF_INCLUDE}
	"${BF_ROOT}/bfvmm/include" "${BF_ROOT}/bfvmm/arch/x86_64")

# Calls that the mock machine takes over, counts or lets fail.
target_link_options(bf_mock_includes INTERFACE
	-Wl,--wrap=bf_pages_alloc -Wl,--wrap=bf_pages_free -Wl,--wrap=bf_log_init)

set_target_properties(bf_mock_includes PROPERTIES BF_ROOT "${BF_ROOT}"
	BF_OWN_FLAGS "${BF_OWN_FLAGS}" BF_MOCK_BUILT "${BF_MOCK_BUILT}")

# The libraries of the mock machine, made when the first test wants them. The two need each other;
# CORE tests do without the second.
function(bf_mock_libraries)
	if(TARGET bf_mock)
		return()
	endif()
	find_library(BF_CMOCKA cmocka REQUIRED)
	get_target_property(built bf_mock_includes BF_MOCK_BUILT)
	if(EXISTS "${built}/libbf_mock.a" AND NOT BF_SANITIZE)
		foreach(library bf_mock bf_mock_arch)
			add_library(${library} STATIC IMPORTED GLOBAL)
			set_target_properties(${library} PROPERTIES
				IMPORTED_LOCATION "${built}/lib${library}.a"
				INTERFACE_LINK_LIBRARIES "bf_mock_includes;bf_host;${BF_CMOCKA}")
		endforeach()
	else()
		bf_mock_compile()
	endif()
endfunction()

function(bf_mock_compile)
	get_target_property(root bf_mock_includes BF_ROOT)
	get_target_property(flags bf_mock_includes BF_OWN_FLAGS)

	# The VMM unchanged, but for what only a bare machine can have: libc has the byte
	# operations, offsets.c is no code, note.c is for the image.
	file(GLOB core CONFIGURE_DEPENDS
		"${root}/bfvmm/core/*.c" "${root}/bfvmm/mem/*.c" "${root}/bfvmm/sched/*.c"
		"${root}/bfvmm/vm/*.c" "${root}/bfvmm/arch/x86_64/common/*.c")
	file(GLOB arch CONFIGURE_DEPENDS
		"${root}/bfvmm/arch/x86_64/vmx/*.c" "${root}/bfvmm/arch/x86_64/svm/*.c"
		"${root}/bfsdk/mock/arch/*.c")
	list(FILTER core EXCLUDE REGEX "/(string|[a-z_]*offsets|note)\\.c$")
	list(FILTER arch EXCLUDE REGEX "/[a-z_]*offsets\\.c$")
	file(GLOB mock CONFIGURE_DEPENDS "${root}/bfsdk/mock/src/*.c")

	add_library(bf_mock STATIC ${core} ${mock})
	add_library(bf_mock_arch STATIC ${arch})
	foreach(library bf_mock bf_mock_arch)
		target_link_libraries(${library} PUBLIC bf_mock_includes bf_host ${BF_CMOCKA})
		target_compile_options(${library} PRIVATE -fno-strict-aliasing ${flags}
			"-fmacro-prefix-map=${root}/=" "-fdebug-prefix-map=${root}/=")
	endforeach()

	# Descriptors of extensions: the host's linker names the ends of a section in its own way.
	set_source_files_properties("${root}/bfvmm/core/ext.c" TARGET_DIRECTORY bf_mock PROPERTIES
		COMPILE_OPTIONS "-include;${root}/bfsdk/mock/src/extensions.h")
endfunction()

function(bf_add_mock_test name)
	cmake_parse_arguments(ARG "CORE" "" "SOURCES;EXTENSIONS" ${ARGN})
	bf_check_call("bf_add_mock_test(${name})" "${ARG_UNPARSED_ARGUMENTS}" ${ARG_EXTENSIONS})
	bf_mock_libraries()
	add_executable(${name} ${ARG_SOURCES})
	if(ARG_CORE)
		target_link_libraries(${name} PRIVATE bf_mock)
	else()
		target_link_libraries(${name} PRIVATE
			$<LINK_GROUP:RESCAN,bf_mock_arch,bf_mock>)
	endif()
	foreach(extension ${ARG_EXTENSIONS})
		get_target_property(sources ${extension} BF_SOURCES)
		target_sources(${name} PRIVATE ${sources})
		target_include_directories(${name} PRIVATE
			$<TARGET_PROPERTY:${extension},INCLUDE_DIRECTORIES>)
		target_compile_definitions(${name} PRIVATE
			$<TARGET_PROPERTY:${extension},COMPILE_DEFINITIONS>)
	endforeach()
	add_test(NAME ${name} COMMAND ${name})
	set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()
