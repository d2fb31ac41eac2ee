# SPDX-License-Identifier: MIT
# From an empty folder to a tested VMM. SDK is the prefix, TREE the source tree, which must not be
# needed; PATH begins with the SDK's bin.
. "$HERE/lib.sh"

check "bf is the installed one" bf --version
says "it says where it is" "installed in $SDK\$"
check "no file of the SDK knows the source tree" sh -c '! grep -r -l -F "$1" "$2"' sh "$TREE" "$SDK"

fails "outside of a project there is nothing to build" 64 bf build
says "it says what to do" 'bf new NAME'
fails "a name that C does not take is refused" 64 bf new 9lives
says "it says why" "'9lives' cannot be the name.*a letter first"
fails "a keyword is refused" 64 bf new struct
fails "a path is no name" 64 bf new ../probe
mkdir full && touch full/file
fails "a folder that is not empty is refused" 64 bf new probe --path full
says "it says so" 'not empty'
fails "a file in the way is refused" 64 bf new probe --path full/file
check "nothing was made" test "$(ls)" = full

check "bf new probe" bf new probe
check "it has its own name everywhere" sh -c '! grep -r newext probe && ! ls -R probe | grep newext'
for file in README.md CMakeLists.txt .gitignore .ci/run .github/workflows/ci.yml; do
	check "it has $file" test -s probe/$file
done
fails "a second time it is refused" 64 bf new probe

cd probe || exit 1
check "bf build" bf build
check "it made the VMM" test -s build/gcc/vmm/probe.elf
check "bf build --preset clang" bf build --preset clang
check "its tests pass as well" ctest --preset clang
cd .. || exit 1
check "bf build --project, from outside" bf build --project probe

cp -r probe broken
rm -rf broken/build
sed -i 's/return BF_SKIP;/io->eax++;\n\treturn BF_SKIP;/' broken/probe.c
check "a wrong extension builds" bf build --project broken
fails "the project's test sees that it is wrong" 8 ctest --test-dir broken/build/gcc
says "it says which test" 'test_probe .*Failed'

check "CMake alone builds it" sh -c 'cd probe &&
	cmake -S . -B ../plain -DCMAKE_PREFIX_PATH="$SDK" && cmake --build ../plain -j 2 &&
	ctest --test-dir ../plain'
sed -i 's/find_package(Bareframe 1 /find_package(Bareframe 2 /' broken/CMakeLists.txt
fails "a project for version 2 of the API is refused" 1 cmake -S broken -B broken/two \
	-DCMAKE_PREFIX_PATH="$SDK"
says "both versions are named" 'compatible with requested.*version "2"'
says "the one that there is" 'version: 1\.[0-9]+'
printf '%s\n' 'project(none NONE)' 'find_package(Bareframe 1 REQUIRED)' >broken/CMakeLists.txt
fails "a project without C is told so" 1 cmake -S broken -B broken/none -DCMAKE_PREFIX_PATH="$SDK"
says "what it has to do" 'enable the language C'

examples=$SDK/share/doc/bareframe-sdk/examples
check "the examples build outside of the tree" sh -c 'cmake -S "$1" -B examples \
	-DCMAKE_PREFIX_PATH="$SDK" && cmake --build examples -j 2' sh "$examples"
check "they give the same images as in the tree" sh -c 'for image in "$SDK"/lib/bareframe/vmm/*.elf
	do
		name=$(basename "$image")
		[ "$name" = core.elf ] || test -s "examples/vmm/$name" || exit 1
	done'
