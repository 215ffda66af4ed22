<?php
// SPDX-License-Identifier: Apache-2.0
// What core/crypto/ring.c does: version 1 | key id | nonce | cipher text | tag, bound to its place and row. The data keys come as
// "id:base64,…" in the environment, the active one first.

function key_ring(): array
{
    $keys = [];
    foreach (explode(',', getenv('BENCH_KEYS')) as $one) {
        [$id, $key] = explode(':', $one);
        $keys[(int)$id] = base64_decode($key);
    }
    return $keys;
}

function encrypt(string $place, string $row, string $plain): string
{
    $keys = key_ring();
    $id = array_key_first($keys);
    $nonce = random_bytes(12);
    $text = openssl_encrypt($plain, 'aes-256-gcm', $keys[$id], OPENSSL_RAW_DATA, $nonce, $tag, "$place|$row");
    return pack('CN', 1, $id) . $nonce . $text . $tag;
}

function decrypt(string $place, string $row, string $encrypted): string
{
    $id = unpack('N', $encrypted, 1)[1];
    $plain = openssl_decrypt(substr($encrypted, 17, -16), 'aes-256-gcm', key_ring()[$id], OPENSSL_RAW_DATA, substr($encrypted, 5, 12),
        substr($encrypted, -16), "$place|$row");
    if ($plain === false) {
        throw new RuntimeException('the form does not open');
    }
    return $plain;
}
