-- Verify certhall:quality on pg
SELECT material_id, state, codes, kept FROM hall.paper_check WHERE false;
SELECT 'hall.materials_base_json(hall.orders)'::regprocedure, 'hall.paper_keep(uuid, text, uuid)'::regprocedure;
