-- Verify certhall:secrets on pg
SELECT 'hall.pin_transition'::regclass, 'hall.pin_box'::regclass, 'hall.sealed_column'::regclass, 'hall.data_key_gone'::regclass,
       'hall.pin_open'::regproc, 'hall.pins_destroy'::regproc, 'hall.signer_pin_open'::regproc, 'hall.runner_pin_open'::regproc,
       'hall.desk_pin'::regproc, 'hall.desk_pin_send'::regproc, 'hall.desk_pin_box'::regproc, 'hall.desk_pin_take'::regproc,
       'hall.key_of'::regproc, 'hall.data_key_next'::regproc, 'hall.resealed'::regproc, 'hall.data_keys_end'::regproc;
SELECT form_data_key FROM hall.orders WHERE false;
SELECT place, "table", "column", "row", key_column FROM hall.sealed_column WHERE false;
