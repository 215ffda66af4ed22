-- Verify certhall:bank_entry on pg
SELECT e.id, e.day, e.number, e.at, e.fen, e.payer, e.masked, e.order_id, e.outcome, e.seen_at, c.code, c.identity, c.made_at, c.ends_at, b.begins, b.cursor
  FROM hall.bank_entry e JOIN hall.proof_code c USING (code), hall.bank_cursor b WHERE false;
