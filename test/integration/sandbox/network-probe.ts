/** Runs inside: tries every way out that it is given and prints what it reached, as JSON. Plain JavaScript in a string. */
export const NETWORK_PROBE = `
const net = require('node:net'), dgram = require('node:dgram'), dns = require('node:dns');
const targets = JSON.parse(process.argv[1]);
const connect = (where) => new Promise((done) => {
  const socket = net.connect(where);
  socket.on('connect', () => { socket.destroy(); done('reached'); }).on('error', (error) => done(error.code));
});
const send = ({ type, host, port }) => new Promise((done) => {
  const socket = dgram.createSocket(type);
  socket.on('error', (error) => done(error.code));
  socket.send('canary', port, host, (error) => { socket.close(); done(error ? error.code : 'sent'); });
});
const resolve = (name) => new Promise((done) => dns.lookup(name, (error) => done(error ? error.code : 'resolved')));
(async () => {
  const seen = {};
  for (const [name, { tcp, unix, udp, lookup }] of Object.entries(targets)) {
    seen[name] = tcp ? await connect(tcp) : unix ? await connect({ path: unix }) : udp ? await send(udp) : await resolve(lookup);
  }
  console.log(JSON.stringify(seen));
})();
`;
