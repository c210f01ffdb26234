// A second verifier of receipts, written from docs/receipts.md alone: it shares no code with the first.
//
//   node verify_receipt.mjs --trust trust.json [--rpc http://127.0.0.1:8545] receipt.json …
//
// Prints one JSON line per receipt, {"file", "ok", "step"?, "why"?, "checked"?}, and ends with 0 only if all are good.
// Steps are numbered as in docs/receipts.md. Ed25519, secp256k1 and SHA-256 are Node's own; Keccak, EIP-712 and
// JSON-RPC are those of ethers, from the pinned packages beside ganache/package.json.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs, TextDecoder } from 'node:util';

const require = createRequire(new URL('../../ganache/package.json', import.meta.url));
const { ethers } = require('ethers');

const LABEL = 'tanlu-eip712-checkpoint';
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const SIGNERS = {
  key: { park: 'administration' },
  policy: { park: 'administration' },
  reading: { device: 'device', enterprise: 'statement', person: 'statement' },
  close: { device: 'device' },
  loss: { device: 'device', enterprise: 'statement', park: 'statement' },
  report: { enterprise: 'statement', park: 'statement' },
  device: { enterprise: 'statement', park: 'statement' },
  admission: { person: 'administration' },
  opening: { park: 'administration' },
  label: { park: 'administration' },
  holding: { park: 'administration' },
  compliance: { park: 'administration' },
  intent: { enterprise: 'asset' },
  order: { enterprise: 'asset', park: 'asset' },
  market: { park: 'administration' },
  cash: { park: 'administration' },
  allocation: { park: 'administration' },
  score: { enterprise: 'statement', park: 'administration' },
  plan: { enterprise: 'statement', park: 'statement' },
  assignment: { enterprise: 'statement', park: 'administration' },
  finding: { verifier: 'statement' },
  verification: { verifier: 'statement' },
  objection: { enterprise: 'statement', park: 'administration' },
  registration: { verifier: 'statement', park: 'administration' },
  determination: { park: 'administration' },
};
// What the registrar alone signs: types, and actions of types that others sign as well.
const BY_REGISTRAR = new Set([
  'policy',
  'opening',
  'label',
  'holding',
  'compliance',
  'allocation',
  'market',
  'cash',
  'determination',
  'assignment appoint',
  'assignment open-draw',
  'assignment draw',
  'assignment end',
  'objection decide',
  'score propose',
  'score publish',
  'score withdraw',
]);
const ALGORITHMS = { 'OKP Ed25519': 'Ed25519', 'EC secp256k1': 'ES256K', 'EC P-256': 'ES256' };
const PURPOSE_BITS = { device: 1, statement: 2, asset: 4, administration: 8 };

class Refused extends Error {
  constructor(step, why) {
    super(why);
    this.step = step;
  }
}
const need = (step, holds, why) => {
  if (!holds) throw new Refused(step, why);
};
const same = (step, what, found, wanted) => need(step, found === wanted, `${what}: ${found}, not ${wanted}`);

// --- bytes ------------------------------------------------------------------------------------------------------

const sha256 = (...parts) => crypto.createHash('sha256').update(Buffer.concat(parts)).digest();
const leafHash = (entry) => sha256(Buffer.from([0]), entry);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);

function hex32(step, what, text, prefix = '') {
  need(step, typeof text === 'string' && new RegExp(`^${prefix}[0-9a-f]{64}$`).test(text), `${what} is no 32-byte hash`);
  return Buffer.from(text.slice(prefix.length), 'hex');
}
function whole(step, what, value) {
  need(step, Number.isSafeInteger(value) && value >= 0, `${what} is no whole number`);
  return value;
}
function base64(step, text) {
  const data = Buffer.from(text, 'base64');
  need(step, data.length > 0 && data.toString('base64') === text, 'base64 is not canonical');
  return data;
}
function base64url(step, text) {
  const data = Buffer.from(text, 'base64url');
  need(step, data.toString('base64url') === text, 'base64url is not canonical');
  return data;
}
function members(step, what, value, names) {
  const found = value && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value).sort().join() : typeof value;
  same(step, `members of ${what}`, found, [...names].sort().join());
}

// --- RFC 9162 §2.1.3.2, written as the recursion of §2.1.3.1 read backwards -----------------------------------------

function rootOf(step, leaf, index, size, path) {
  if (size === 1n) {
    need(step, path.length === 0, 'the proof is too long');
    return leaf;
  }
  need(step, path.length > 0, 'the proof is too short');
  let k = 1n;
  while (k * 2n < size) k *= 2n;
  const last = path[path.length - 1];
  const rest = path.slice(0, -1);
  return index < k
    ? nodeHash(rootOf(step, leaf, index, k, rest), last)
    : nodeHash(last, rootOf(step, leaf, index - k, size - k, rest));
}
function included(step, entry, index, inclusion, checkpoint) {
  same(step, 'size of the inclusion', inclusion.size, checkpoint.size);
  need(step, index < inclusion.size, 'the index is not below the size');
  need(step, inclusion.proof.length <= 64, 'the proof is too long');
  const path = inclusion.proof.map((each) => hex32(step, 'a proof hash', each));
  const root = rootOf(step, leafHash(entry), BigInt(index), BigInt(inclusion.size), path);
  same(step, 'root of the proof', root.toString('hex'), checkpoint.root.toString('hex'));
}

// --- keys and JWS -----------------------------------------------------------------------------------------------

function jwkOf(step, jwk) {
  const alg = ALGORITHMS[`${jwk?.kty} ${jwk?.crv}`];
  need(step, alg !== undefined, 'unknown kind of key');
  const names = alg === 'Ed25519' ? ['crv', 'kty', 'x'] : ['crv', 'kty', 'x', 'y'];
  members(step, 'a JWK', jwk, names);
  const thumbprint = sha256(Buffer.from(JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])))));
  const key = crypto.createPublicKey({ key: jwk, format: 'jwk' });
  return { jwk, key, thumbprint, kid: thumbprint.toString('base64url'), alg };
}
function signed(step, key, message, signature) {
  need(step, signature.length === 64, 'a signature has 64 bytes');
  if (key.alg === 'Ed25519') {
    need(step, crypto.verify(null, message, key.key, signature), 'the Ed25519 signature is false');
    return;
  }
  if (key.alg === 'ES256K') need(step, BigInt(`0x${signature.subarray(32).toString('hex')}`) <= HALF_ORDER, 's is high');
  const good = crypto.verify('sha256', message, { key: key.key, dsaEncoding: 'ieee-p1363' }, signature);
  need(step, good, `the ${key.alg} signature is false`);
}
function json(step, data) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data));
  } catch {
    throw new Refused(step, 'no JSON');
  }
}
function jws(step, text) {
  const parts = text.split('.');
  need(step, parts.length === 3, 'a compact JWS has three parts');
  const header = json(step, base64url(step, parts[0]));
  members(step, 'the header', header, ['alg', 'kid', 'typ']);
  const at = header.kid.lastIndexOf('#');
  return {
    header,
    identifier: header.kid.slice(0, at),
    kid: header.kid.slice(at + 1),
    payload: json(step, base64url(step, parts[1])),
    input: Buffer.from(`${parts[0]}.${parts[1]}`, 'ascii'),
    signature: base64url(step, parts[2]),
  };
}
function statement(step, text, log) {
  const made = jws(step, text);
  members(step, 'the payload', made.payload, ['v', 'type', 'log', 'iss', 'iat', 'stream', 'seq', 'body']);
  same(step, 'log of the statement', made.payload.log, log);
  same(step, 'issuer', made.payload.iss, made.identifier);
  same(step, 'typ', made.header.typ, `tanlu-${made.payload.type}+jws`);
  need(step, Object.hasOwn(SIGNERS, made.payload.type), 'unknown type of statement');
  return made;
}

// --- C2SP notes -------------------------------------------------------------------------------------------------

function vkey(text) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+(.+)$/.exec(text);
  const data = base64(0, encoded);
  same(0, 'key id', keyId(name, data), id);
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: data.subarray(1).toString('base64url') };
  return { name, id, type: data[0], key: crypto.createPublicKey({ key: jwk, format: 'jwk' }), raw: encoded };
}
const keyId = (name, encoded) => sha256(Buffer.from(`${name}\n`), encoded).subarray(0, 4).toString('hex');

function parseNote(data) {
  const at = data.lastIndexOf('\n\n');
  need(1, at > 0 && data.endsWith('\n'), 'no signed note');
  // eslint-disable-next-line no-control-regex -- the standard forbids exactly these
  need(1, !/[\u0000-\u0009\u000b-\u001f]/.test(data), 'a control character');
  const lines = data.slice(at + 2, -1).split('\n').map((line) => {
    const [, name, encoded] = /^— ([^+\s]+) (\S+)$/u.exec(line) ?? [];
    need(1, name !== undefined, 'no signature line');
    const bytes = base64(1, encoded);
    return { name, id: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) };
  });
  const text = data.slice(0, at + 1);
  const match = /^([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/]{43}=)\nepoch (0|[1-9][0-9]*)\n$/.exec(text);
  need(1, match !== null, 'no checkpoint with an epoch');
  return {
    text,
    lines,
    origin: match[1],
    size: whole(1, 'checkpoint size', Number(match[2])),
    root: base64(1, match[3]),
    epoch: whole(1, 'epoch', Number(match[4])),
  };
}
function signers(note, keys) {
  const found = new Set();
  for (const line of note.lines) {
    for (const key of keys) {
      if (line.name !== key.name || line.id !== key.id) continue;
      let message = Buffer.from(note.text);
      let { signature } = line;
      if (key.type === 4) {
        need(3, signature.length === 72, 'a cosignature has 72 bytes');
        const time = signature.readBigUInt64BE(0);
        need(3, time > 0n && time < 1n << 63n, 'a cosignature needs a time');
        message = Buffer.from(`cosignature/v1\ntime ${time}\n${note.text}`);
        signature = signature.subarray(8);
      }
      need(3, signature.length === 64 && crypto.verify(null, message, key.key, signature), `false signature of ${key.name}`);
      found.add(key.raw);
    }
  }
  return found.size;
}
function cosigners(note, trust) {
  const domain = {
    name: 'Tanlu',
    version: '1',
    chainId: trust.chain_id,
    verifyingContract: trust.contracts.evidence_log,
    salt: `0x${trust.deployment_id}`,
  };
  const types = { Checkpoint: [{ name: 'epoch', type: 'uint64' }, { name: 'size', type: 'uint64' }, { name: 'root', type: 'bytes32' }] };
  const value = { epoch: note.epoch, size: note.size, root: note.root };
  const digest = ethers.TypedDataEncoder.hash(domain, types, value);
  const found = new Set();
  for (const line of note.lines) {
    for (const address of trust.cosigners) {
      const encoded = Buffer.concat([Buffer.from([0xff]), Buffer.from(LABEL), Buffer.from(address.slice(2), 'hex')]);
      if (line.id !== keyId(line.name, encoded)) continue;
      same(7, `signer of the line of ${line.name}`, recover(digest, line.signature), address);
      found.add(address);
    }
  }
  return found.size;
}
function recover(digest, compact) {
  need(7, compact.length === 64, 'a compact signature has 64 bytes');
  try {
    return ethers.recoverAddress(digest, ethers.Signature.from(`0x${compact.toString('hex')}`));
  } catch {
    throw new Refused(7, 'the compact signature is false');
  }
}

// --- the nine steps ---------------------------------------------------------------------------------------------

function possession(key, identifier, body, trust) {
  const made = jws(5, body.possession);
  same(5, 'typ of the possession', made.header.typ, 'tanlu-possession+jws');
  same(5, 'kid of the possession', made.header.kid, `${identifier}#${key.kid}`);
  same(5, 'alg of the possession', made.header.alg, key.alg);
  signed(5, key, made.input, made.signature);
  members(5, 'the possession', made.payload, ['v', 'type', 'log', 'identifier', 'purposes', 'iat']);
  same(5, 'log of the possession', made.payload.log, trust.log);
  same(5, 'identifier of the possession', made.payload.identifier, identifier);
  same(5, 'purposes of the possession', made.payload.purposes.join(), body.key.purposes.join());
  if (key.alg !== 'ES256K') return;
  const domain = {
    name: 'Tanlu',
    version: '1',
    chainId: trust.chain_id,
    verifyingContract: trust.contracts.identifier_registry,
    salt: `0x${trust.deployment_id}`,
  };
  const types = { KeyPossession: [{ name: 'accountId', type: 'bytes32' }, { name: 'thumbprint', type: 'bytes32' }, { name: 'purposes', type: 'uint8' }] };
  const value = {
    accountId: ethers.id(identifier),
    thumbprint: key.thumbprint,
    purposes: body.key.purposes.reduce((bits, name) => bits | PURPOSE_BITS[name], 0),
  };
  const digest = ethers.TypedDataEncoder.hash(domain, types, value);
  const point = Buffer.concat([Buffer.from([4]), base64url(5, key.jwk.x), base64url(5, key.jwk.y)]);
  need(5, /^0x[0-9a-f]{128}$/.test(body.possession_evm ?? ''), 'no EIP-712 possession');
  const signer = recover(digest, Buffer.from(body.possession_evm.slice(2), 'hex'));
  same(5, 'signer of the EIP-712 possession', signer, ethers.computeAddress(`0x${point.toString('hex')}`));
}

// Which keys an action of `key` may be signed by: docs/statements.md.
function powers(step, made, holder, registrar, trust) {
  const { action } = made.payload.body;
  const byRoot = ['enrol', 'compromise', 'propose-recovery', 'complete-recovery'].includes(action);
  if (byRoot) {
    same(step, 'registrar', made.identifier, trust.registrar.identifier);
    same(step, 'root key', made.kid, registrar.kid);
    return;
  }
  const itself = action === 'revoke' && made.payload.body.identifier === made.identifier && made.payload.body.thumbprint === made.kid;
  if (['rotate', 'veto-recovery'].includes(action) || itself) return;
  need(step, holder.purposes.includes('administration'), 'the key may not act on keys');
}

// From the enrolment by the root key, last in the list, down to the signer's key, first in it.
function lineage(receipt, registrar, trust) {
  const found = [];
  for (const part of [...receipt.keys].reverse()) {
    const above = found[0];
    const made = statement(5, part.entry, trust.log);
    same(5, 'type of the key entry', made.payload.type, 'key');
    const { body } = made.payload;
    const byRoot = ['enrol', 'complete-recovery'].includes(body.action);
    need(5, byRoot || ['add', 'rotate'].includes(body.action), 'this entry brings no key');
    const signer = byRoot || !above ? registrar : above.key;
    same(5, 'issuer of the key entry', made.identifier, byRoot || !above ? trust.registrar.identifier : above.identifier);
    same(5, 'key of the key entry', made.kid, signer.kid);
    same(5, 'alg of the key entry', made.header.alg, signer.alg);
    signed(5, signer, made.input, made.signature);
    same(5, 'enrolment at the end', body.action === 'enrol', above === undefined);
    if (above) need(5, above.index < part.index, 'a key was brought after what it signed');
    if (!byRoot) powers(5, made, above, registrar, trust);
    if (body.action === 'rotate') same(5, 'purposes', body.key.purposes.join(), above.purposes.join());
    if (body.action === 'complete-recovery') same(5, 'subject', body.subject, above.identifier);
    const identifier = above ? above.identifier : body.subject.identifier;
    const key = jwkOf(5, body.key.jwk);
    possession(key, identifier, body, trust);
    const kind = above ? above.kind : body.subject.kind;
    found.unshift({ key, identifier, kind, purposes: body.key.purposes, index: part.index, action: body.action });
  }
  return found;
}

// The log's signed word on where each of these keys ended, or is flagged from.
function positions(receipt, keys, made, trust) {
  const parts = receipt.status.split('.');
  need(6, parts.length === 3, 'the status is no compact JWS');
  const header = json(6, base64url(6, parts[0]));
  same(6, 'header of the status', JSON.stringify(header), '{"alg":"Ed25519","typ":"tanlu-key-status+jws"}');
  const log = vkey(trust.log_key);
  const input = Buffer.from(`${parts[0]}.${parts[1]}`, 'ascii');
  need(6, crypto.verify(null, input, log.key, base64url(6, parts[2])), 'the log did not sign the status');
  const status = json(6, base64url(6, parts[1]));
  members(6, 'the status', status, ['v', 'log', 'size', 'keys']);
  same(6, 'log of the status', status.log, trust.log);
  same(6, 'keys of the status', status.keys.map((each) => each.kid).join(), keys.map((each) => each.key.kid).join());
  need(6, status.size >= receipt.inclusion.size, 'the status looks at too few entries');
  const check = (said, index, ends) => {
    need(6, said.invalid_since === null || index < said.invalid_since, 'the key is called compromised from before this entry on');
    need(6, said.revoked === null || index < said.revoked || (index === said.revoked && ends), 'the key had ended');
  };
  const { body } = made.payload;
  const ends = made.payload.type === 'key' && (body.action === 'rotate' || (body.action === 'revoke' && body.thumbprint === made.kid));
  check(status.keys[0], receipt.index, ends);
  for (let at = 1; at < keys.length; at += 1) {
    const below = keys[at - 1];
    if (below.action !== 'complete-recovery') check(status.keys[at], below.index, below.action === 'rotate');
  }
}

function offline(receipt, trust) {
  // 1: form
  members(1, 'the receipt', receipt, ['v', 'type', 'log', 'entry', 'index', 'inclusion', 'keys', 'status', 'notices', 'checkpoint', 'anchor']);
  same(1, 'version', receipt.v, 1);
  same(1, 'type', receipt.type, 'receipt');
  need(1, typeof receipt.status === 'string' && receipt.status.length <= 8192, 'no status');
  for (const [name, least] of [['keys', 1], ['notices', 0]]) {
    need(1, Array.isArray(receipt[name]) && receipt[name].length >= least && receipt[name].length <= 32, `no ${name}`);
    for (const part of receipt[name]) members(1, name, part, ['entry', 'index', 'inclusion']);
  }
  for (const part of [receipt, ...receipt.keys, ...receipt.notices]) {
    members(1, 'inclusion', part.inclusion, ['size', 'proof']);
    whole(1, 'index', part.index);
    whole(1, 'size', part.inclusion.size);
    need(1, Array.isArray(part.inclusion.proof), 'no proof');
    need(1, typeof part.entry === 'string' && part.entry.length <= 65535 && /^[\x21-\x7e]+$/.test(part.entry.replaceAll(' ', '!')), 'no entry');
  }
  const note = parseNote(receipt.checkpoint);
  // 2: origin
  same(2, 'log', receipt.log, trust.log);
  same(2, 'origin of the checkpoint', note.origin, trust.log);
  // 3: checkpoint
  need(3, signers(note, [vkey(trust.log_key)]) === 1, 'the log did not sign');
  need(3, signers(note, trust.witnesses.map(vkey)) >= trust.witness_quorum, 'too few witnesses');
  // 4: inclusion of the entry
  const entry = Buffer.from(receipt.entry, 'ascii');
  included(4, entry, receipt.index, receipt.inclusion, note);
  // 5: the key entries
  for (const part of [...receipt.keys, ...receipt.notices]) {
    included(5, Buffer.from(part.entry, 'ascii'), part.index, part.inclusion, note);
  }
  const registrar = jwkOf(5, trust.registrar.jwk);
  const keys = lineage(receipt, registrar, trust);
  const holder = keys[0];
  const first = holder.index === 0 && receipt.index === 0 && receipt.keys[0].entry === receipt.entry;
  need(5, first || holder.index < receipt.index, 'the key was brought after the entry');
  // 6: the entry
  const made = statement(6, receipt.entry, trust.log);
  same(6, 'issuer', made.identifier, holder.identifier);
  same(6, 'key', made.kid, holder.key.kid);
  same(6, 'alg', made.header.alg, holder.key.alg);
  signed(6, holder.key, made.input, made.signature);
  if (made.payload.type === 'key') {
    powers(6, made, holder, registrar, trust);
  } else {
    const wanted = new Map(Object.entries(SIGNERS[made.payload.type]));
    need(6, wanted.has(holder.kind), 'an identifier of this kind does not sign this');
    need(6, holder.purposes.includes(wanted.get(holder.kind)), 'the key may not sign this');
    const { type, body } = made.payload;
    const isRegistrars = BY_REGISTRAR.has(type) || BY_REGISTRAR.has(`${type} ${body.action}`);
    if (isRegistrars) same(6, 'registrar', made.identifier, trust.registrar.identifier);
  }
  positions(receipt, keys, made, trust);
  // 7: cosignatures for the chain
  need(7, receipt.anchor !== null, 'nothing is anchored');
  need(7, cosigners(note, trust) >= trust.cosigner_threshold, 'too few cosigners');
  // 8: anchor
  const { anchor } = receipt;
  members(1, 'anchor', anchor, ['chain_id', 'contract', 'deployment_id', 'epoch', 'size', 'root', 'tx', 'block_number', 'block_hash', 'state']);
  same(8, 'chain', anchor.chain_id, trust.chain_id);
  same(8, 'contract', anchor.contract, trust.contracts.evidence_log);
  same(8, 'deployment', anchor.deployment_id, trust.deployment_id);
  same(8, 'epoch', anchor.epoch, note.epoch);
  same(8, 'size', anchor.size, note.size);
  same(8, 'root', hex32(8, 'root', anchor.root).toString('hex'), note.root.toString('hex'));
  hex32(1, 'tx', anchor.tx, '0x');
  hex32(1, 'block_hash', anchor.block_hash, '0x');
  whole(1, 'block_number', anchor.block_number);
  need(1, ['anchored', 'final'].includes(anchor.state), 'unknown state');
  return [1, 2, 3, 4, 5, 6, 7, 8];
}

const ABI = [
  'function deploymentId() view returns (bytes32)',
  'function rootAt(uint64 epoch, uint64 size) view returns (bytes32)',
  'function verifyInclusion(uint64 epoch, uint64 size, uint64 index, bytes32 leafHash, bytes32[] proof) view',
  'function verifyEntry(uint64 epoch, uint64 size, uint64 index, bytes entry, bytes32[] proof) view',
  'event Anchored(uint64 indexed epoch, uint64 indexed size, bytes32 root)',
  'event Backfilled(uint64 indexed epoch, uint64 indexed size, bytes32 root)',
];

async function onChain(receipt, trust, provider) {
  // 9: the chain's own view
  const { anchor } = receipt;
  same(9, 'chain id', Number((await provider.getNetwork()).chainId), trust.chain_id);
  const log = new ethers.Contract(trust.contracts.evidence_log, ABI, provider);
  same(9, 'deployment of the contract', await log.deploymentId(), `0x${trust.deployment_id}`);
  same(9, 'root of the contract', await log.rootAt(anchor.epoch, anchor.size), `0x${anchor.root}`);
  const entry = Buffer.from(receipt.entry, 'ascii');
  const proof = receipt.inclusion.proof.map((each) => `0x${each}`);
  try {
    await log.verifyInclusion(anchor.epoch, anchor.size, receipt.index, leafHash(entry), proof);
    await log.verifyEntry(anchor.epoch, anchor.size, receipt.index, entry, proof);
  } catch (error) {
    if (error.code !== 'CALL_EXCEPTION') throw error;
    throw new Refused(9, 'the contract refuses the inclusion');
  }
  const sent = await provider.getTransactionReceipt(anchor.tx);
  need(9, sent !== null && sent.status === 1, 'no such transaction');
  same(9, 'block number', sent.blockNumber, anchor.block_number);
  same(9, 'block hash', sent.blockHash, anchor.block_hash);
  const events = sent.logs.filter((each) => each.address === trust.contracts.evidence_log).map((each) => log.interface.parseLog(each));
  const found = events.some((event) => ['Anchored', 'Backfilled'].includes(event?.name) && event.args.epoch === BigInt(anchor.epoch)
    && event.args.size === BigInt(anchor.size) && event.args.root === `0x${anchor.root}`);
  need(9, found, 'the transaction did not anchor this');
  return 9;
}

const { values, positionals } = parseArgs({ options: { trust: { type: 'string' }, rpc: { type: 'string' } }, allowPositionals: true });
const trust = JSON.parse(fs.readFileSync(values.trust, 'utf8'));
const provider = values.rpc ? new ethers.JsonRpcProvider(values.rpc, undefined, { cacheTimeout: -1 }) : null;
for (const file of positionals) {
  let answer;
  try {
    const receipt = json(1, fs.readFileSync(file));
    const checked = offline(receipt, trust);
    if (provider) checked.push(await onChain(receipt, trust, provider));
    answer = { file, ok: true, checked };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    answer = { file, ok: false, step: error.step, why: error.message };
    process.exitCode = 1;
  }
  console.log(JSON.stringify(answer));
}
provider?.destroy();
