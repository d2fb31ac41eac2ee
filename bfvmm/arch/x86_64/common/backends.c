/* SPDX-License-Identifier: MIT */
/* The virtualization backends of this image, in the order in which they are asked. */
#include <stddef.h>
#include <bfvmm/hv.h>

const struct bf_hv_ops *const bf_hv_backends[] = {&bf_vmx_ops, &bf_svm_ops, NULL};
