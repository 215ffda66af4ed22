<?php
// SPDX-License-Identifier: Apache-2.0
// The order as the module answers with it, from the rows of its statements ($rows[statement][row]). What core/hall/order.c does.

function order(array $rows, string $id): object
{
    $row = $rows['hall_order_view'][0];
    $order = json_decode($row['out'], false, 512, JSON_THROW_ON_ERROR);
    $order->form = json_decode(unseal('order.form', $id, pg_unescape_bytea($row['form'])));
    return $order;
}
