//! Lines of a guest's console that look like errors and are none, each with the reason.
//!
//! A guest is a small system without screen, keyboard and most of what a kernel looks for. This list takes the alarm
//! out of such lines; it never decides about a boot, and a line with a word of weight is not in it.

/// Words with which no line is harmless, whatever else it says.
const NEVER: [&str; 14] = [
    "out of memory",
    "oom",
    "panic",
    "no space left",
    "not allowed",
    "i/o error",
    "oops",
    "bug:",
    "corrupt",
    "read-only file system",
    "segfault",
    "hung task",
    "dstack-prepare",
    "app-compose",
];

/// All of these words, and why the line is harmless.
const KNOWN: [(&[&str], &str); 44] = [
    (
        &["virtual console setup"],
        "there is no console in a confidential machine",
    ),
    (
        &["systemd-vconsole-setup"],
        "there is no console in a confidential machine",
    ),
    (&["load kernel module drm"], "there is no screen"),
    (&["modprobe@drm"], "there is no screen"),
    (&["[drm]"], "there is no screen"),
    (&["/dev/dri"], "there is no screen"),
    (&["vgaarb:"], "there is no screen"),
    (
        &["unchecked msr access"],
        "a confidential machine may not touch this register, and does without",
    ),
    (
        &["unhandled rdmsr"],
        "a confidential machine may not touch this register, and does without",
    ),
    (
        &["unhandled wrmsr"],
        "a confidential machine may not touch this register, and does without",
    ),
    (
        &["acpi bios error"],
        "the virtual firmware leaves out what this machine does not need",
    ),
    (
        &["acpi error: ae_not_found"],
        "the virtual firmware leaves out what this machine does not need",
    ),
    (
        &["acpi warning"],
        "the virtual firmware leaves out what this machine does not need",
    ),
    (
        &["acpi: bios irq"],
        "the virtual firmware leaves out what this machine does not need",
    ),
    (
        &["random: crng"],
        "the kernel says when its random numbers are good; it waits for them",
    ),
    (
        &["uninitialized urandom read"],
        "it is too early for keys; those are made later",
    ),
    (
        &["tdx forces the guest's memory to be private"],
        "that is what it is for",
    ),
    (&["tdx: guest detected"], "that is what it is for"),
    (
        &["memory encryption is active and system is using dma bounce buffers"],
        "that is how a confidential machine talks to its disks",
    ),
    (
        &["overlayfs", "falling back to"],
        "the file system lacks a feature that is not needed",
    ),
    (
        &["overlayfs: null uuid detected"],
        "the file system lacks a feature that is not needed",
    ),
    (
        &["bridge: filtering via arp/ip/ip6tables is no longer available"],
        "the kernel says so whenever docker makes its network",
    ),
    (
        &["bridge-nf-call-ip", "is disabled"],
        "docker can do without",
    ),
    (
        &["attribute `version` is obsolete"],
        "docker compose ignores the line",
    ),
    (&["i8042: no controller found"], "there is no keyboard"),
    (&["i8042: probe"], "there is no keyboard"),
    (&["regulatory.db"], "there is no wireless network"),
    (&["cfg80211"], "there is no wireless network"),
    (
        &["can't claim bar"],
        "a virtual device is smaller than it says",
    ),
    (&["rtc_cmos", "broken"], "the clock is set from the network"),
    (
        &["fast tsc calibration failed"],
        "the kernel measures its clock another way",
    ),
    (
        &["tsc: unable to calibrate"],
        "the kernel measures its clock another way",
    ),
    (
        &["marking clocksource", "unstable"],
        "the kernel takes another clock",
    ),
    (&["spectre v", "warning"], "a remark about the processor"),
    (&["mds cpu bug present"], "a remark about the processor"),
    (
        &["sgx disabled by bios"],
        "SGX is not used inside the machine",
    ),
    (
        &["systemd-tpm2-setup"],
        "the machine has no TPM and needs none",
    ),
    (&["tpmrm0"], "the machine has no TPM and needs none"),
    (
        &["taints kernel"],
        "a module with a licence of its own, ZFS mostly",
    ),
    (
        &["tainting kernel"],
        "a module with a licence of its own, ZFS mostly",
    ),
    (
        &["disabling lock debugging due to kernel taint"],
        "a module with a licence of its own, ZFS mostly",
    ),
    (
        &["partition already at maximum size"],
        "the disk was not made larger",
    ),
    (
        &["/etc/passwd is read-only"],
        "the system is sealed; no root password is set",
    ),
    (
        &["skipping password setup due to read-only file system"],
        "the system is sealed; no root password is set",
    ),
];

/// Why this line of the console is harmless, if it is known to be.
pub fn harmless(text: &str) -> Option<&'static str> {
    let end = (0..=text.len().min(1024))
        .rev()
        .find(|end| text.is_char_boundary(*end))?;
    let low = text[..end].to_ascii_lowercase();
    // The one line with a word of weight that means nothing.
    let sealed = low.contains("skipping password setup");
    if !sealed && NEVER.iter().any(|words| low.contains(words)) {
        return None;
    }
    KNOWN
        .iter()
        .find(|(words, _)| words.iter().all(|words| low.contains(words)))
        .map(|(_, why)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_has_its_reason() {
        for line in [
            "[FAILED] Failed to start Virtual Console Setup.",
            "[    3.1] systemd[1]: systemd-vconsole-setup.service: Failed with result 'exit-code'.",
            "[    0.219536] random: crng init done",
            "qemu: warning: TDX forces the guest's memory to be private",
            "[    1.2] unchecked MSR access error: RDMSR from 0x1b1 at rIP: 0xffffffff8104e9a4",
            "[    1.3] ACPI BIOS Error (bug): Could not resolve symbol [\\_SB.PCI0], AE_NOT_FOUND (20230628/psargs-330)",
            "[   30.1] overlayfs: fs on '/x' does not support file handles, falling back to xino=off.",
            "[    2.2] cfg80211: failed to load regulatory.db",
            "[    5.0] zfs: module license 'CDDL' taints kernel.",
            "[FAILED] Failed to start systemd-tpm2-setup.service - TPM SRK Setup.",
            "Skipping password setup due to read-only file system",
        ] {
            assert!(harmless(line).is_some(), "{line}");
        }
    }

    #[test]
    fn an_error_that_matters_is_never_hidden() {
        for line in [
            "[   88.1] Out of memory: Killed process 812 (node)",
            "[    9.9] Kernel panic - not syncing: random: crng",
            "[   12.0] blk_update_request: I/O error, dev vda, sector 8",
            "dstack-prepare.sh[231]: Error: Boot denied: Device not allowed [drm]",
            "app-compose.sh[302]: overlayfs: no space left on device, falling back to nothing",
            "[FAILED] Failed to start App Compose Service.",
            "[   20.0] overlayfs: falling back: no space left on device",
            "EXT4-fs error (device dm-0): corrupt directory /dev/dri",
            "",
        ] {
            assert_eq!(harmless(line), None, "{line}");
        }
    }

    #[test]
    fn a_line_without_end_is_read_in_part() {
        let line = format!("random: crng {}", "é".repeat(1 << 20));
        assert!(harmless(&line).is_some());
    }
}
