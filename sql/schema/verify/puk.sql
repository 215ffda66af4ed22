-- Verify certhall:puk on pg
SELECT id, order_id, generation, item, state, kek, key, encrypted, made_at, released_at, ends_at FROM hall.puk WHERE false;
