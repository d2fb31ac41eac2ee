# SPDX-License-Identifier: MIT
# The Debian packages in DEBS, as root in a view of this system that is thrown away afterwards.
# HEADERS and RELEASE: a kernel that DKMS is to build the driver for; VERSION: the packages'.
. "$HERE/lib.sh"

# What there is of us, in the places of packages.
ours() {
	find /usr /etc /var/lib -xdev -iname '*bareframe*' | sort
}

cd "$(mktemp -d)" || exit 1
before=$(ours)
check "dpkg --install" dpkg --install "$DEBS"/*.deb
check "nothing is wrong with what is installed" dpkg --audit
check "bf is there" bf --version
says "in /usr" 'installed in /usr$'
check "bfm is there" bfm version
check "both have manual pages" sh -c 'dpkg --listfiles bareframe-sdk | grep man1/bf.1.gz &&
	dpkg --listfiles bareframe-bfm | grep man8/bfm.8.gz'
check "bf new probe" bf new probe
check "bf build" bf build --project probe
check "its tests pass" ctest --test-dir probe/build/gcc
check "DKMS knows the driver" dkms status -m bareframe -v "$VERSION"
says "it is added" "bareframe/$VERSION"
check "DKMS builds it" dkms build -m bareframe -v "$VERSION" -k "$RELEASE" \
	--kernelsourcedir "$HEADERS"
check "DKMS has built it" dkms status -m bareframe -v "$VERSION"
says "for that kernel" "$RELEASE.*built"
check "dpkg --purge" dpkg --purge bareframe-dkms bareframe-sdk bareframe-bfm
check "DKMS has forgotten the driver" test ! -e /var/lib/dkms/bareframe
check "nothing is left of them" test "$(ours)" = "$before"
