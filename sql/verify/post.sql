-- Verify certhall:post on pg
SELECT code, name, orders FROM hall.courier WHERE false;
SELECT project, region, keyword, courier, payment, fee, priority FROM hall.courier_rule WHERE false;
SELECT order_id, courier, payment, number, state, waybill, why, routes FROM hall.parcel WHERE false;
SELECT order_id, red_of, request_no, taken, state, parts, total, buyer, number FROM hall.invoice WHERE false;
SELECT event, project, subject, body, recipients FROM hall.mail_template WHERE false;
SELECT channel FROM hall.message WHERE false;
SELECT 'hall.courier_match'::regproc, 'hall.parcel_ask'::regproc, 'hall.parcel_result'::regproc, 'hall.invoice_ask'::regproc,
       'hall.invoice_issued'::regproc, 'hall.message_ways'::regproc, 'hall.desk_message_send'::regproc, 'hall.expiry_tell'::regproc,
       'hall.defaults_import'::regproc;
