# SPDX-License-Identifier: MIT
#
# What `cmake --install` puts where, in three components: sdk, bfm (bfdrivers/bfm has its rules),
# dkms. Everything finds the rest by relative paths: a prefix can be moved.
#
#   include/                   bareframe/ and bfabi/, the public headers
#   lib/bareframe/             archives of the VMM, VMM images, programs for workstations
#   lib/cmake/Bareframe/       find_package(Bareframe)
#   share/bareframe/           a part of this tree: bf, the mock machine and what it compiles
#   share/bareframe/driver/    the Linux driver's sources
#   src/bareframe-VERSION/     the same for DKMS
include(CMakePackageConfigHelpers)

set(bf_lib "${CMAKE_INSTALL_LIBDIR}/bareframe")
set(bf_data "${CMAKE_INSTALL_DATADIR}/bareframe")
set(bf_config "${CMAKE_INSTALL_LIBDIR}/cmake/Bareframe")
set(bf_made "${PROJECT_BINARY_DIR}/install")
set(bf_templates "${PROJECT_SOURCE_DIR}/cmake/install")

# The API.
install(DIRECTORY ${BF_INCLUDE} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT sdk)
configure_package_config_file("${bf_templates}/BareframeConfig.cmake.in"
	"${bf_made}/BareframeConfig.cmake" INSTALL_DESTINATION "${bf_config}"
	PATH_VARS CMAKE_INSTALL_INCLUDEDIR bf_data bf_lib
	NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file("${bf_made}/BareframeConfigVersion.cmake"
	VERSION ${BF_API_MAJOR}.${BF_API_MINOR} COMPATIBILITY SameMajorVersion)
install(FILES "${bf_made}/BareframeConfig.cmake" "${bf_made}/BareframeConfigVersion.cmake"
	cmake/Bareframe.cmake cmake/BareframeMock.cmake DESTINATION "${bf_config}" COMPONENT sdk)

# What images are made of, and images that are ready.
install(TARGETS bfvmm_core bfvmm_arch ARCHIVE DESTINATION "${bf_lib}" COMPONENT sdk)
if(TARGET bf_mock)
	install(TARGETS bf_mock bf_mock_arch ARCHIVE DESTINATION "${bf_lib}" COMPONENT sdk)
endif()
get_property(images GLOBAL PROPERTY BF_IMAGES)
foreach(image ${images})
	get_target_property(folder ${image} SOURCE_DIR)
	if(NOT folder MATCHES "^${PROJECT_SOURCE_DIR}/tests/")
		install(FILES $<TARGET_FILE:${image}> DESTINATION "${bf_lib}/vmm" COMPONENT sdk)
	endif()
endforeach()
install(PROGRAMS $<TARGET_FILE:hvid> $<TARGET_FILE:cpuid_loop> $<TARGET_FILE:hypercall>
	DESTINATION "${bf_lib}/machine" COMPONENT sdk)

# The front door, and the sources that it and the functions of CMake want.
file(RELATIVE_PATH bf_prefix "/${bf_data}" "/")
configure_file("${bf_templates}/install.in.json" "${bf_made}/install.json" @ONLY)
install(FILES "${bf_made}/install.json" DESTINATION "${bf_data}" COMPONENT sdk)
install(PROGRAMS bf DESTINATION "${bf_data}" COMPONENT sdk)
file(RELATIVE_PATH front_door "/${CMAKE_INSTALL_BINDIR}" "/${bf_data}/bf")
file(CREATE_LINK "${front_door}" "${bf_made}/bf" SYMBOLIC)
install(FILES "${bf_made}/bf" DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT sdk)
install(FILES docs/bf.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT sdk)
install(DIRECTORY tools/bfcli DESTINATION "${bf_data}/tools" COMPONENT sdk
	USE_SOURCE_PERMISSIONS PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY bfsdk/mock bfsdk/template DESTINATION "${bf_data}/bfsdk" COMPONENT sdk
	USE_SOURCE_PERMISSIONS)
install(DIRECTORY bfvmm/ DESTINATION "${bf_data}/bfvmm" COMPONENT sdk
	FILES_MATCHING PATTERN "*.[chS]" PATTERN "*.lds")
install(FILES tests/machine/lib.sh DESTINATION "${bf_data}/tests/machine" COMPONENT sdk)

# The driver, for bf in the SDK and for DKMS; both are whole by themselves.
set(VERSION "${PROJECT_VERSION}")
configure_file(bfdrivers/linux/dkms.conf "${bf_made}/dkms.conf" @ONLY)
set(bf_dkms "src/bareframe-${PROJECT_VERSION}")
install(FILES "${bf_made}/dkms.conf" DESTINATION "${bf_dkms}" COMPONENT dkms)
foreach(place "${bf_data}/driver:sdk" "${bf_dkms}:dkms")
	string(REPLACE ":" ";" place "${place}")
	list(GET place 0 folder)
	list(GET place 1 component)
	install(DIRECTORY bfdrivers/linux bfdrivers/common DESTINATION "${folder}/bfdrivers"
		COMPONENT ${component})
	install(DIRECTORY bfsdk/abi DESTINATION "${folder}/bfsdk" COMPONENT ${component})
endforeach()

# Texts.
install(FILES README.md docs/architecture.md docs/exits.md docs/extensions.md docs/hardware.md
	docs/hooks.md docs/tutorial.md docs/workstation.md
	DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/bareframe-sdk" COMPONENT sdk)
install(DIRECTORY examples DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/bareframe-sdk" COMPONENT sdk)
