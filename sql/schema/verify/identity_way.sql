-- Verify certhall:identity_way on pg
SELECT w.code, w.pos, w.name, w.hint, w.purposes, i.way FROM hall.identity_way w JOIN hall.identity i ON i.way = w.code WHERE false;
