-- Verify certhall:centre on pg
SELECT 'hall.my_order_course(uuid)'::regprocedure, 'hall.session_fits(hall.session, uuid)'::regprocedure;
SELECT own_list FROM hall.project WHERE false;
SELECT profile FROM hall.account WHERE false;
SELECT id, device FROM hall.session WHERE false;
SELECT topic, question, answer FROM hall.faq WHERE false;
SELECT name, url FROM hall.download WHERE false;
SELECT account, taker, unit_hash FROM hall.hand_over WHERE false;
