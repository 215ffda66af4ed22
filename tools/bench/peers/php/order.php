<?php
// SPDX-License-Identifier: Apache-2.0
// The order as the module answers with it, from the rows of its statements ($rows[statement][row]) and the project's copy. What
// core/order/order.c does. All values are text.

function whole(?string $v): ?int
{
    return $v === null ? null : (int)$v;
}

function yes(?string $v): ?bool
{
    return $v === null ? null : $v === 't';
}

function json(?string $v): mixed
{
    return $v === null ? null : json_decode($v, false, 512, JSON_THROW_ON_ERROR);
}

/** As the hall writes times: Beijing's, to the second. */
function instant(?string $v): ?string
{
    static $beijing = new DateTimeZone('Asia/Shanghai');
    return $v === null ? null : (new DateTimeImmutable($v))->setTimezone($beijing)->format(DATE_ATOM);
}

function price(?string $text): ?array
{
    $parts = json($text);
    return $parts === null ? null : ['total' => array_sum(array_column($parts, 'fen')), 'parts' => $parts];
}

function annex_printed(array $row, array $papers): ?bool
{
    return in_array('annex', array_column($papers, 'template'), true) ? yes($row['annex_printed']) : null;
}

function items(array $rows, array $spec): array
{
    return array_map(fn ($i) => [
        'item' => $i->item, 'cert_type' => $i->cert_type, 'years' => $i->years, 'subject' => $i->subject, 'style' => $i->style,
        'seal_name' => $i->seal_name, 'name' => $spec['types'][$i->cert_type]['name'] ?? null,
    ], $rows);
}

function papers(array $rows): array
{
    return array_map(fn ($p) => [
        'code' => $p['code'], 'name' => $p['name'], 'needed' => true, 'state' => $p['state'], 'id' => $p['id'], 'file_name' => $p['file_name'],
        'bytes' => whole($p['bytes']), 'mime' => $p['mime'], 'uploaded_at' => instant($p['uploaded_at']), 'reason' => $p['reason'],
        'check' => json($p['check']), 'stamped' => yes($p['stamped']), 'formats' => json($p['formats']), 'note' => $p['note'],
        'template' => $p['template'], 'quality' => json($p['quality']),
    ], $rows);
}

function certificate(array $row): ?array
{
    return $row['serial'] === null ? null : [
        'serial' => $row['serial'], 'not_before' => instant($row['not_before']), 'not_after' => instant($row['not_after']),
        'subject' => $row['certificate_subject'], 'algorithm' => $row['algorithm'],
    ];
}

function finauth(array $row, array $spec): array
{
    return [
        'mode' => $row['proof'], 'state' => $row['finauth'], 'reason' => $row['finauth_text'], 'account_asked' => $spec['project']['account_asked'],
        'payouts' => whole($row['payouts']), 'payouts_max' => whole($row['payouts_max']), 'code' => json($row['code']), 'legal_auth' => $row['legal_auth'],
    ];
}

/** Objects that are there or null, and those that are left out where there is none. */
function documents(array $row): array
{
    $all = array_map('json', array_intersect_key($row, array_flip(['rejection', 'delivery', 'parcel', 'invoice'])));
    $some = array_intersect_key($row, array_flip(['outlet', 'replaces', 'locked']));
    return $all + array_map('json', array_filter($some, fn ($v) => $v !== null));
}

function order(array $rows, string $id, array $spec): array
{
    $row = $rows['own_page'][0];
    $project = $spec['project'];
    $type = $spec['types'][$row['cert_type']] ?? null;
    $wanted = yes($row['seal_wanted']);
    return [
        'id' => $row['id'], 'number' => $row['number'], 'slug' => $project['slug'], 'project_name' => $project['name'],
        'form_title' => $project['form_title'], 'business' => $row['business'], 'business_name' => $spec['businesses'][$row['business']] ?? null,
        'version' => whole($row['version']), 'state' => $row['state'], 'label' => $row['label'], 'tone' => $row['tone'],
        'next' => $row['step'] === null ? null : ['step' => $row['step'], 'text' => $row['step_text']], 'can' => json($row['can']),
        'created_at' => instant($row['created_at']), 'updated_at' => instant($row['updated_at']), 'due_at' => instant($row['due_at']),
        'ship_due_at' => instant($row['ship_due_at']), 'due_note' => $row['due_note'], 'cert_type' => $row['cert_type'],
        'cert_type_name' => $type['name'] ?? null, 'years' => whole($row['years']), 'seal_wanted' => $wanted,
        'seal_note' => $wanted ? '电子签章将在证书制作后另行制作，届时短信通知。' : null, 'subject' => $row['subject'],
        'price' => price($row['price']), 'gift' => json($row['gift']), 'form_complete' => yes($row['form_complete']), 'printed' => yes($row['printed']),
        'annex_printed' => annex_printed($row, $rows['own_papers']), 'items' => items(json($row['items']), $spec), 'papers' => papers($rows['own_papers']),
        'phone' => [
            'state' => $row['phone_state'], 'person' => ($type['person'] ?? null) === 'natural' ? 'applicant' : 'agent', 'reason' => $row['phone_reason'], 'way' => $row['phone_way'],
        ],
        'payment' => [
            'state' => $row['payment_state'], 'channel' => $row['payment_channel'], 'channel_name' => $row['payment_channel_name'],
            'paid_at' => instant($row['paid_at']), 'total' => whole($row['total']),
        ],
        'pay_ways' => json($row['pay_ways']), 'refund_due' => whole($row['refund_due']), 'refund' => json($row['refund']),
        'transfer' => json($row['transfer']), 'finauth' => finauth($row, $spec), 'certificate' => certificate($row), ...documents($row),
        'history' => array_map(fn ($h) => ['at' => instant($h['at']), 'text' => $h['text']], $rows['own_lines']),
        'form' => $row['form'] === null ? (object)[] : json_decode(decrypt('order.form', $id, pg_unescape_bytea($row['form']))),
    ];
}
