/* SPDX-License-Identifier: MIT */
/* SDM volume 3, "Checks on VMX Controls". */
#include <vmx/check.h>

static bool allowed(const struct bf_vmx_check *c, enum vmx_group group)
{
	return bf_vmx_fixed(c->ctl[group], c->caps->must[group], c->caps->may[group]);
}

#define LIST_ENTRY 16u
#define ALL_COUNTS 512u /* entries in a list for each step of IA32_VMX_MISC[27:25] */

static bool list_address(const struct bf_vmx_check *c, uint64_t address, uint64_t count)
{
	return !count || (bf_vmx_physical(c, address, LIST_ENTRY) &&
			  !((address + count * LIST_ENTRY - 1) >> c->caps->pa_bits));
}

static bool list_count(const struct bf_vmx_check *c, uint64_t count)
{
	return count <= ALL_COUNTS * ((c->caps->misc >> 25 & 7) + 1);
}

static bool page(const struct bf_vmx_check *c, uint64_t address)
{
	return bf_vmx_physical(c, address, BF_PAGE_SIZE);
}

static bool eptp(const struct bf_vmx_check *c, uint64_t v)
{
	uint64_t cap = c->caps->ept_vpid;
	bool type = ((v & 7) == BF_MT_WB && (cap & EPT_CAP_WB)) ||
		    ((v & 7) == BF_MT_UC && (cap & EPT_CAP_UC));
	bool walk = (v >> 3 & 7) == 3 && (cap & EPT_CAP_WALK_4);

	return type && walk && IF(HAS(v, 0x40), cap & EPT_CAP_AD) && !(v & 0xf80) &&
	       !(v >> c->caps->pa_bits);
}

#define ALLOWED(group) "only controls that the capability MSR of " group " allows"
#define PAGE_TEXT      "aligned to 4 KiB and within the physical-address width"
#define LIST_TEXT      "aligned to 16 bytes, the list within the physical-address width"
#define COUNT_TEXT     "no more entries than IA32_VMX_MISC recommends"

#define RULES(X)                                                                                   \
	X(pin, PIN_BASED_CONTROLS, allowed(c, VMX_PIN), ALLOWED("pin-based controls"))             \
	X(proc, PROCESSOR_CONTROLS, allowed(c, VMX_PROC), ALLOWED("processor-based controls"))     \
	X(proc2, SECONDARY_PROCESSOR_CONTROLS,                                                     \
	  IF(PROC(SECONDARY_CONTROLS), allowed(c, VMX_PROC2)), ALLOWED("secondary controls"))      \
	X(cr3_targets, CR3_TARGET_COUNT, v <= (c->caps->misc >> 16 & 0x1ff),                       \
	  "at most as many CR3 targets as IA32_VMX_MISC[24:16]")                                   \
	X(io_a, IO_BITMAP_A, IF(PROC(IO_BITMAPS), page(c, v)), PAGE_TEXT)                          \
	X(io_b, IO_BITMAP_B, IF(PROC(IO_BITMAPS), page(c, v)), PAGE_TEXT)                          \
	X(msr_bitmap, MSR_BITMAPS, IF(PROC(MSR_BITMAPS), page(c, v)), PAGE_TEXT)                   \
	X(virtual_apic, VIRTUAL_APIC_ADDRESS, IF(PROC(TPR_SHADOW), page(c, v)), PAGE_TEXT)         \
	X(threshold, TPR_THRESHOLD,                                                                \
	  IF(PROC(TPR_SHADOW) && !PROC2(VIRTUAL_INTERRUPT_DELIVERY), !(v & ~0xfull)),              \
	  "bits 31:4 are 0 with \"use TPR shadow\"")                                               \
	X(virtual_nmis, PIN_BASED_CONTROLS, IF(!PIN(NMI_EXITING), !PIN(VIRTUAL_NMIS)),             \
	  "\"virtual NMIs\" is 0 if \"NMI exiting\" is 0")                                         \
	X(nmi_window, PROCESSOR_CONTROLS, IF(!PIN(VIRTUAL_NMIS), !PROC(NMI_WINDOW_EXITING)),       \
	  "\"NMI-window exiting\" is 0 if \"virtual NMIs\" is 0")                                  \
	X(apic_access, APIC_ACCESS_ADDRESS, IF(PROC2(VIRTUALIZE_APIC_ACCESSES), page(c, v)),       \
	  PAGE_TEXT)                                                                               \
	X(shadowless, SECONDARY_PROCESSOR_CONTROLS,                                                \
	  IF(!PROC(TPR_SHADOW), !PROC2(VIRTUALIZE_X2APIC_MODE) &&                                  \
					!PROC2(APIC_REGISTER_VIRTUALIZATION) &&                    \
					!PROC2(VIRTUAL_INTERRUPT_DELIVERY)),                       \
	  "x2APIC, APIC-register and interrupt virtualization need \"use TPR shadow\"")            \
	X(x2apic, SECONDARY_PROCESSOR_CONTROLS,                                                    \
	  !(PROC2(VIRTUALIZE_X2APIC_MODE) && PROC2(VIRTUALIZE_APIC_ACCESSES)),                     \
	  "x2APIC mode and APIC accesses are not both virtualized")                                \
	X(delivery, PIN_BASED_CONTROLS,                                                            \
	  IF(PROC2(VIRTUAL_INTERRUPT_DELIVERY), PIN(EXTERNAL_INTERRUPT_EXITING)),                  \
	  "virtual-interrupt delivery needs \"external-interrupt exiting\"")                       \
	X(posted, PIN_BASED_CONTROLS,                                                              \
	  IF(PIN(POSTED_INTERRUPTS),                                                               \
	     PROC2(VIRTUAL_INTERRUPT_DELIVERY) && EXIT(ACKNOWLEDGE_INTERRUPT)),                    \
	  "posted interrupts need virtual-interrupt delivery and acknowledge on exit")             \
	X(posted_vector, POSTED_INTERRUPT_NOTIFICATION_VECTOR,                                     \
	  IF(PIN(POSTED_INTERRUPTS), v <= 0xff), "bits 15:8 are 0")                                \
	X(posted_address, POSTED_INTERRUPT_DESCRIPTOR,                                             \
	  IF(PIN(POSTED_INTERRUPTS), bf_vmx_physical(c, v, 64)),                                   \
	  "aligned to 64 bytes and within the physical-address width")                             \
	X(vpid, VIRTUAL_PROCESSOR_IDENTIFIER, IF(PROC2(ENABLE_VPID), v), "not 0 with VPIDs")       \
	X(ept_pointer, EPT_POINTER, IF(PROC2(ENABLE_EPT), eptp(c, v)),                             \
	  "memory type and walk length that IA32_VMX_EPT_VPID_CAP allows; reserved bits 0")        \
	X(unrestricted, SECONDARY_PROCESSOR_CONTROLS,                                              \
	  IF(PROC2(UNRESTRICTED_GUEST), PROC2(ENABLE_EPT)),                                        \
	  "\"unrestricted guest\" needs \"enable EPT\"")                                           \
	X(mode_based, SECONDARY_PROCESSOR_CONTROLS,                                                \
	  IF(PROC2(MODE_BASED_EXECUTE) || PROC2(SUB_PAGE_WRITE_PERMISSIONS) ||                     \
		     PROC2(PT_USES_GUEST_PHYSICAL),                                                \
	     PROC2(ENABLE_EPT)),                                                                   \
	  "mode-based execute, sub-page permissions and guest-physical PT need \"enable EPT\"")    \
	X(pml, SECONDARY_PROCESSOR_CONTROLS, IF(PROC2(ENABLE_PML), PROC2(ENABLE_EPT)),             \
	  "\"enable PML\" needs \"enable EPT\"")                                                   \
	X(pml_page, PML_ADDRESS, IF(PROC2(ENABLE_PML), page(c, v)), PAGE_TEXT)                     \
	X(functions, VM_FUNCTION_CONTROLS,                                                         \
	  IF(PROC2(ENABLE_VM_FUNCTIONS) && (v & 1),                                                \
	     PROC2(ENABLE_EPT) && page(c, F(EPTP_LIST_ADDRESS))),                                  \
	  "EPTP switching needs \"enable EPT\" and a list aligned to 4 KiB")                       \
	X(shadow_read, VMREAD_BITMAP, IF(PROC2(VMCS_SHADOWING), page(c, v)), PAGE_TEXT)            \
	X(shadow_write, VMWRITE_BITMAP, IF(PROC2(VMCS_SHADOWING), page(c, v)), PAGE_TEXT)          \
	X(ve_page, VIRTUALIZATION_EXCEPTION_ADDRESS, IF(PROC2(EPT_VIOLATION_VE), page(c, v)),      \
	  PAGE_TEXT)                                                                               \
	X(sub_page, SUB_PAGE_PERMISSION_POINTER,                                                   \
	  IF(PROC2(SUB_PAGE_WRITE_PERMISSIONS), page(c, v)), PAGE_TEXT)                            \
	X(multiplier, TSC_MULTIPLIER, IF(PROC2(TSC_SCALING), v), "not 0 with TSC scaling")         \
	X(exit_controls, EXIT_CONTROLS, allowed(c, VMX_EXIT), ALLOWED("VM-exit controls"))         \
	X(timer, EXIT_CONTROLS, IF(!PIN(PREEMPTION_TIMER), !EXIT(SAVE_PREEMPTION_TIMER)),          \
	  "the preemption timer is saved only if it is active")                                    \
	X(exit_store, EXIT_MSR_STORE_ADDRESS, list_address(c, v, F(EXIT_MSR_STORE_COUNT)),         \
	  LIST_TEXT)                                                                               \
	X(exit_store_count, EXIT_MSR_STORE_COUNT, list_count(c, v), COUNT_TEXT)                    \
	X(exit_load, EXIT_MSR_LOAD_ADDRESS, list_address(c, v, F(EXIT_MSR_LOAD_COUNT)), LIST_TEXT) \
	X(exit_load_count, EXIT_MSR_LOAD_COUNT, list_count(c, v), COUNT_TEXT)                      \
	X(entry_controls, ENTRY_CONTROLS, allowed(c, VMX_ENTRY), ALLOWED("VM-entry controls"))     \
	X(entry_load, ENTRY_MSR_LOAD_ADDRESS, list_address(c, v, F(ENTRY_MSR_LOAD_COUNT)),         \
	  LIST_TEXT)                                                                               \
	X(entry_load_count, ENTRY_MSR_LOAD_COUNT, list_count(c, v), COUNT_TEXT)                    \
	X(smm, ENTRY_CONTROLS, !ENTRY(ENTRY_TO_SMM) && !ENTRY(DEACTIVATE_DUAL_MONITOR),            \
	  "\"entry to SMM\" and \"deactivate dual-monitor treatment\" are 0 outside SMM")

RULE_TABLE(bf_vmx_control_rules, RULES)
