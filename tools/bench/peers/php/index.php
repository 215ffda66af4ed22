<?php
// SPDX-License-Identifier: Apache-2.0
// The order read and the form save once more, in PHP-FPM. Checks neither the form's rules nor the CSRF token, as the module does.

require __DIR__ . '/database.php';
require __DIR__ . '/ring.php';
require __DIR__ . '/order.php';
require __DIR__ . '/project.php';

$saving = $_SERVER['REQUEST_METHOD'] === 'PUT';
['role' => $role, 'trips' => $trips, 'project' => $project] = (require getenv('BENCH_STATEMENTS'))[$saving ? 'save' : 'read'];
preg_match('#^/([a-z0-9-]+)/api/.*/?orders/([0-9a-f-]{36})#', $_SERVER['DOCUMENT_URI'], $path);
preg_match('/=([\w-]{43})/', $_SERVER['HTTP_COOKIE'], $cookie);
$facts = ['order' => $path[2], 'session' => '\\x' . hash('sha256', $cookie[1]), 'request' => $_SERVER['REQUEST_ID']];
if ($saving) {
    $in = json_decode(file_get_contents('php://input'), false, 512, JSON_THROW_ON_ERROR);
    $form = json_encode($in->form, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    $facts += ['version' => $in->version, 'encrypted' => '\\x' . bin2hex(encrypt('order.form', $path[2], $form))];
}

try {
    $db = connection($role);
    prepare_all($db, [...$trips, ['statements' => [$project]]]);
    $order = order(ask($db, $trips, $facts), $path[2], project($db, $project, $path[1]));
    header('Content-Type: application/json');
    header('Cache-Control: no-store');
    echo json_encode($order, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION);
} catch (Throwable $e) {
    http_response_code(500);
    error_log($e->getMessage());
}
