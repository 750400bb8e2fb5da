/** Who the sandbox is inside: everything maps to one uid, whatever the launcher's is. */
export const INSIDE_UID = 1000;

/**
 * The uid that a root worker drops to, and the owner of `sessions/<id>/{work,home,out}` there. Free on every distribution:
 * between systemd's ranges for greeters and for dynamic users, above those of people, below those of containers.
 */
export const SANDBOX_UID = 60_717;

/** The account files inside; nothing of the host's accounts shows. */
export const PASSWD = [
  'root:x:0:0:root:/root:/usr/sbin/nologin',
  `agent:x:${INSIDE_UID}:${INSIDE_UID}:agent:/home/agent:/bin/bash`,
  'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  '',
].join('\n');
export const GROUP = ['root:x:0:', `agent:x:${INSIDE_UID}:`, 'nogroup:x:65534:', ''].join('\n');
export const HOSTS = ['127.0.0.1 localhost sandbox', '::1 localhost ip6-localhost', ''].join('\n');
