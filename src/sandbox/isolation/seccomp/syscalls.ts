/** The two machines that the filter knows, with the kernel's names for them. */
export type Architecture = 'x64' | 'arm64';

/** `[x86_64, aarch64]`; -1 where the machine has no such call. Source: asm/unistd_64.h, asm-generic/unistd.h, Linux 6.18. */
type Numbers = readonly [x64: number, arm64: number];

/** Calls that answer EPERM whatever their arguments. */
export const DENIED = {
  // looking into other processes
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kcmp: [312, 272],
  pidfd_getfd: [438, 438],
  process_madvise: [440, 440],
  // the kernel's keyring
  keyctl: [250, 219],
  add_key: [248, 217],
  request_key: [249, 218],
  // large surfaces of the kernel
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  // namespaces and mounts
  unshare: [272, 97],
  setns: [308, 268],
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  open_tree_attr: [467, 467],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  statmount: [457, 457],
  listmount: [458, 458],
  // files by handle
  open_by_handle_at: [304, 265],
  name_to_handle_at: [303, 264],
  fanotify_init: [300, 262],
  // modules and the machine
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  create_module: [174, -1],
  query_module: [178, -1],
  get_kernel_syms: [177, -1],
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  quotactl: [179, 60],
  quotactl_fd: [443, 443],
  syslog: [103, 116],
  vhangup: [153, 58],
  uselib: [134, -1],
  ustat: [136, -1],
  sysfs: [139, -1],
  _sysctl: [156, -1],
  nfsservctl: [180, 42],
  lookup_dcookie: [212, 18],
  // clocks and names
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  // ports, memory placement, others
  iopl: [172, -1],
  ioperm: [173, -1],
  modify_ldt: [154, -1],
  mbind: [237, 235],
  migrate_pages: [256, 238],
  move_pages: [279, 239],
  set_mempolicy: [238, 237],
  set_mempolicy_home_node: [450, 450],
  map_shadow_stack: [453, 453],
  lsm_set_self_attr: [460, 460],
} as const satisfies Record<string, Numbers>;

/** Calls whose arguments lie behind a pointer: they "do not exist", and libc falls back to the older form. */
export const ABSENT = { clone3: [435, 435], openat2: [437, 437] } as const satisfies Record<string, Numbers>;

/** Calls that are judged by their arguments. */
export const JUDGED = {
  clone: [56, 220],
  socket: [41, 198],
  socketpair: [53, 199],
  ioctl: [16, 29],
  chmod: [90, -1],
  fchmod: [91, 52],
  fchmodat: [268, 53],
  fchmodat2: [452, 452],
  mknod: [133, -1],
  mknodat: [259, 33],
  creat: [85, -1],
  open: [2, -1],
  openat: [257, 56],
  personality: [135, 92],
} as const satisfies Record<string, Numbers>;

/** The youngest call that this table was checked against; anything younger "does not exist". */
export const YOUNGEST = 470;

export const numberOf = (numbers: Numbers, architecture: Architecture): number =>
  architecture === 'x64' ? numbers[0] : numbers[1];
