// A trader that shares no code with this project: it takes an offer over HTTP, then checks the settlement from the chain.
//
//   node trade.mjs --server URL --trust trust.json --rpc URL --identifier ID --secret 0x… --order HASH --tonnes N
//
// Written from docs/access.md, docs/statements.md and docs/market.md. EIP-712, EIP-4361's signature, Keccak and JSON-RPC
// are those of ethers. Prints one JSON object. The settlement is read from the node alone: the event, the call that caused
// it, both orders in that call with whose keys signed them, and what the exchange says of both orders.
import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const require = createRequire(new URL('../../ganache/package.json', import.meta.url));
const { ethers } = require('ethers');

const ORDER =
  'bytes32 account,uint32 asset,uint8 side,uint64 tonnes,uint32 priceFen,uint8 kind,bytes32 counterparty,' +
  'uint64 minimumFill,uint16 feeLimitBps,uint64 deadline,uint32 epoch,bytes32 salt';
const TRADE =
  `(bytes32 opId,uint32 day,uint64 tonnes,uint32 priceFen,uint64 buyFilled,uint64 sellFilled,bytes32 buyLeaf,bytes32 sellLeaf,` +
  `(${ORDER}) buy,(${ORDER}) sell,(bytes32 r,bytes32 vs) buySignature,(bytes32 r,bytes32 vs) sellSignature) trade`;
const EXCHANGE = [
  'event Settled(bytes32 indexed opId,bytes32 indexed buyHash,bytes32 indexed sellHash,bytes32 buyer,bytes32 seller,' +
    'uint32 asset,uint32 day,uint64 tonnes,uint32 priceFen,uint64 buyerFeeFen,uint64 sellerFeeFen,bool counted,' +
    'bytes32 buyLeaf,bytes32 sellLeaf)',
  `function settle(${TRADE})`,
  'function filledOf(bytes32) view returns (uint64 tonnes,bool cancelled)',
  'function tradingOf(bytes32,uint32) view returns (uint64 trading,uint64 locked)',
];
const REGISTRY = ['function holderOf(address) view returns (bytes32)'];
const SIDES = { buy: 1, sell: 2 };
const KINDS = { listed: 1, block: 2, bilateral: 3, auction: 4 };
const STREAM = 'foreign';

const { values: given } = parseArgs({
  options: Object.fromEntries(
    ['server', 'trust', 'rpc', 'identifier', 'secret', 'order', 'tonnes'].map((name) => [name, { type: 'string' }]),
  ),
});
const trust = JSON.parse(fs.readFileSync(given.trust, 'utf8'));
const wallet = new ethers.Wallet(given.secret);
const domain = {
  name: 'Tanlu',
  version: '1',
  chainId: trust.chain_id,
  verifyingContract: trust.contracts.exchange,
  salt: `0x${trust.deployment_id}`,
};
const types = {
  Order: ORDER.split(',').map((member) => {
    const [type, name] = member.split(' ');
    return { name, type };
  }),
};

const base64url = (data) => Buffer.from(data).toString('base64url');
const hex = (text) => text.replace(/^0x/, '');
const accountOf = (identifier) => ethers.keccak256(ethers.toUtf8Bytes(identifier));
const instant = (seconds) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
const now = () => Math.floor(Date.now() / 1000);

function expect(what, found, wanted) {
  if (found !== wanted) throw new Error(`${what}: ${found} instead of ${wanted}`);
}

async function ask(path, options = {}) {
  const answer = await fetch(given.server + path, options);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

async function signIn() {
  const challenge = await ask('/v1/sessions/challenge', { method: 'POST' });
  const message = [
    `${challenge.domain} wants you to sign in with your Ethereum account:`,
    wallet.address,
    '',
    '',
    `URI: ${challenge.audience}`,
    'Version: 1',
    `Chain ID: ${challenge.chain_id}`,
    `Nonce: ${challenge.nonce}`,
    `Issued At: ${instant(now())}`,
    `Expiration Time: ${instant(now() + 60)}`,
    'Resources:',
    `- ${challenge.resource}`,
  ].join('\n');
  const signature = await wallet.signMessage(message);
  const session = await ask('/v1/sessions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier: given.identifier, message, signature }),
  });
  return { authorization: `Bearer ${session.token}` };
}

function compact(signature) {
  return signature.compactSerialized;
}

// A statement: JWS compact, ES256K, signed with the key that signs the order (docs/statements.md).
function statement(type, body, seq) {
  const point = Buffer.from(hex(wallet.signingKey.publicKey), 'hex');
  const jwk = { crv: 'secp256k1', kty: 'EC', x: base64url(point.subarray(1, 33)), y: base64url(point.subarray(33)) };
  const thumbprint = base64url(crypto.createHash('sha256').update(JSON.stringify(jwk)).digest());
  const header = { alg: 'ES256K', kid: `${given.identifier}#${thumbprint}`, typ: `tanlu-${type}+jws` };
  const payload = { v: 1, type, log: trust.log, iss: given.identifier, iat: now(), stream: STREAM, seq, body };
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(payload))}`;
  const { r, s } = wallet.signingKey.sign(`0x${crypto.createHash('sha256').update(input).digest('hex')}`);
  return `${input}.${base64url(Buffer.from(hex(r) + hex(s), 'hex'))}`;
}

async function accept(headers, asset) {
  const book = await ask(`/v1/market/${asset}/book`, { headers });
  const offer = book.offers.find((one) => one.order === given.order);
  if (!offer) throw new Error(`no offer ${given.order}`);
  const trader = await ask(`/v1/market/accounts/${encodeURIComponent(given.identifier)}`, { headers });
  const side = offer.side === 'sell' ? 'buy' : 'sell';
  const deadline = now() + 3600;
  const salt = crypto.randomBytes(32).toString('hex');
  const message = {
    account: accountOf(given.identifier),
    asset: 0x10000 + Number(asset.replace('quota-', '')),
    side: SIDES[side],
    tonnes: Number(given.tonnes),
    priceFen: offer.price_fen,
    kind: KINDS[offer.kind],
    counterparty: accountOf(offer.account),
    minimumFill: 0,
    feeLimitBps: 10000,
    deadline,
    epoch: trader.epoch,
    salt: `0x${salt}`,
  };
  const signature = ethers.Signature.from(await wallet.signTypedData(domain, types, message));
  const body = {
    action: 'place',
    asset,
    side,
    tonnes: message.tonnes,
    price_fen: offer.price_fen,
    kind: offer.kind,
    counterparty: offer.account,
    minimum_fill: 0,
    fee_limit_bps: 10000,
    deadline: instant(deadline),
    epoch: trader.epoch,
    salt,
    accepts: given.order,
    signature: compact(signature),
  };
  const said = await ask('/v1/statements', {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/jose' },
    body: statement('order', body, 1),
  });
  return { hash: ethers.TypedDataEncoder.hash(domain, types, message), side, index: said.index };
}

async function settlement(hash, side) {
  const provider = new ethers.JsonRpcProvider(given.rpc);
  try {
    const exchange = new ethers.Contract(trust.contracts.exchange, EXCHANGE, provider);
    const registry = new ethers.Contract(trust.contracts.identifier_registry, REGISTRY, provider);
    const wanted = side === 'buy' ? [null, hash, null] : [null, null, hash];
    const filter = exchange.filters.Settled(...wanted);
    const until = Date.now() + 120_000;
    let found = [];
    while (!(found = await exchange.queryFilter(filter)).length) {
      if (Date.now() > until) throw new Error('the exchange did not settle the trade');
      await sleep(500);
    }
    expect('trades', found.length, 1);
    const [event] = found;
    const sent = await provider.getTransaction(event.transactionHash);
    expect('called', sent.to.toLowerCase(), trust.contracts.exchange.toLowerCase());
    const { trade } = exchange.interface.parseTransaction(sent).args;
    for (const name of ['buy', 'sell']) {
      const order = Object.fromEntries(types.Order.map((member) => [member.name, trade[name][member.name]]));
      const orderHash = ethers.TypedDataEncoder.hash(domain, types, order);
      expect(`${name} order`, orderHash, event.args[`${name}Hash`]);
      const { r, vs } = trade[`${name}Signature`];
      const signer = ethers.recoverAddress(orderHash, ethers.Signature.from(ethers.concat([r, vs])));
      expect(`${name} signer's account`, await registry.holderOf(signer), order.account);
      expect(`${name}er`, event.args[name === 'buy' ? 'buyer' : 'seller'], order.account);
      const [filled] = await exchange.filledOf(orderHash);
      if (filled < event.args.tonnes || filled > order.tonnes) throw new Error(`${name}: ${filled} t are filled`);
      const worse = name === 'buy' ? event.args.priceFen > order.priceFen : event.args.priceFen < order.priceFen;
      if (worse) throw new Error(`${name}: settled at ${event.args.priceFen}, signed ${order.priceFen}`);
    }
    const [trading, locked] = await exchange.tradingOf(accountOf(given.identifier), event.args.asset);
    return {
      tonnes: Number(event.args.tonnes),
      price_fen: Number(event.args.priceFen),
      block: event.blockNumber,
      trading: Number(trading),
      locked: Number(locked),
    };
  } finally {
    provider.destroy();
  }
}

const headers = await signIn();
const placed = await accept(headers, 'quota-2025');
console.log(JSON.stringify({ ...placed, hash: hex(placed.hash), settled: await settlement(placed.hash, placed.side) }));
