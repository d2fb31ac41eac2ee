# SPDX-License-Identifier: MIT
#
# Debian packages by CPack, one a component: bareframe-sdk, bareframe-bfm, bareframe-dkms.
#   cmake --build build/gcc --target package      leaves them in build/gcc/packages
# cmake/deb has what only the packages have; finish.cmake puts it there.
set(deb "${PROJECT_SOURCE_DIR}/cmake/deb")
set(made "${PROJECT_BINARY_DIR}/deb")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bareframe)
set(CPACK_PACKAGE_VENDOR "The Bareframe authors")
set(CPACK_PACKAGE_CONTACT "The Bareframe authors <authors@bareframe.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_COMPONENTS_ALL sdk bfm dkms)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS "${deb}/finish.cmake")
set(CPACK_BF_DEB "${deb}")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_SDK_PACKAGE_NAME bareframe-sdk)
set(CPACK_DEBIAN_SDK_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_SDK_PACKAGE_ARCHITECTURE amd64)
set(CPACK_DEBIAN_SDK_PACKAGE_DEPENDS
	"binutils, cmake (>= 3.25), gcc | clang, libc6-dev, make, python3 (>= 3.9)")
set(CPACK_DEBIAN_SDK_PACKAGE_RECOMMENDS
	"busybox-static, kmod, libcmocka-dev, qemu-system-x86, xz-utils, zstd")
set(CPACK_DEBIAN_SDK_PACKAGE_SUGGESTS "bareframe-bfm, bochs, bochs-term, bochsbios, clang, vgabios")
set(CPACK_DEBIAN_SDK_DESCRIPTION
	"research hypervisor framework: SDK for extensions
Bareframe is a small VMM for x86-64 (VT-x and AMD-V) that takes a running
Linux under its control, and an API of hooks on which researchers write
what they want to try.
.
This package has the headers, the VMM's archives, the mock machine for unit
tests, a package for CMake, and bf, the command that makes, builds and tests
projects and runs them on emulated workstations.")

set(CPACK_DEBIAN_BFM_PACKAGE_NAME bareframe-bfm)
set(CPACK_DEBIAN_BFM_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_BFM_PACKAGE_ARCHITECTURE amd64)
set(CPACK_DEBIAN_BFM_PACKAGE_RECOMMENDS "bareframe-dkms")
set(CPACK_DEBIAN_BFM_DESCRIPTION
	"research hypervisor framework: command on the target machine
Bareframe is a small VMM for x86-64 (VT-x and AMD-V) that takes a running
Linux under its control.
.
This package has bfm, which checks whether a machine is fit, brings a VMM
image into memory, starts and stops it, and shows its log and statistics.")

set(CPACK_DEBIAN_DKMS_PACKAGE_NAME bareframe-dkms)
set(CPACK_DEBIAN_DKMS_PACKAGE_SECTION kernel)
set(CPACK_DEBIAN_DKMS_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DKMS_PACKAGE_DEPENDS "dkms (>= 3.0), make")
set(CPACK_DEBIAN_DKMS_PACKAGE_RECOMMENDS "bareframe-bfm")
set(CPACK_DEBIAN_DKMS_DESCRIPTION
	"research hypervisor framework: source of the Linux driver
Bareframe is a small VMM for x86-64 (VT-x and AMD-V) that takes a running
Linux under its control.
.
This package has the source of the driver that loads it. DKMS builds it for
every kernel whose headers are installed.")

foreach(script postinst prerm)
	configure_file("${deb}/dkms.${script}.in" "${made}/${script}" @ONLY
		FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
			GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endforeach()
set(CPACK_DEBIAN_DKMS_PACKAGE_CONTROL_EXTRA "${made}/postinst;${made}/prerm")
set(CPACK_DEBIAN_DKMS_PACKAGE_CONTROL_STRICT_PERMISSION ON)

include(CPack)
