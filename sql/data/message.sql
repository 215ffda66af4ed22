-- Messages of the hall; a project may have its own ("messages" of its definition). vendor_id is the number under which the
-- SMS vendor has approved the text.
INSERT INTO hall.message_template (event, project, vendor_id, body, parameters) VALUES
    ('login_code', NULL, '1001', '您的验证码为 {code}，10 分钟内有效，请勿告知他人。', '{code}'),
    ('approved', NULL, '1002', '您提交的数字证书业务（单号 {order}）已审核通过，请登录网上营业厅，在个人中心“我的业务单”查看。', '{order}'),
    ('rejected', NULL, '1003', '您提交的数字证书业务（单号 {order}）未通过审核，原因：{reason}。请登录网上营业厅，在“我的业务单”修改后重新提交，已付费用继续有效。', '{order,reason}'),
    ('finauth_failed', NULL, '1004', '您的数字证书业务（单号 {order}）金融认证未成功：{reason}。请登录网上营业厅核对并更正对公账户。', '{order,reason}'),
    ('account_wanted', NULL, '1005', '您的数字证书业务（单号 {order}）还需填写单位对公账户，请登录网上营业厅“我的业务单”补充。', '{order}'),
    ('pin', NULL, '1006', '您的数字证书（单号 {order}）PIN 码为 {pin}，请妥善保管，切勿泄露给他人。', '{order,pin}'),
    ('shipped', NULL, '1007', '您的数字证书（单号 {order}）已由{courier}寄出，快递单号 {number}，请注意查收。', '{order,courier,number}'),
    ('refunded', NULL, '1008', '您的数字证书业务（单号 {order}）有一笔款项 {amount} 元已原路退回，到账时间以支付机构为准。', '{order,amount}')
ON CONFLICT (event, project) DO UPDATE SET (vendor_id, body, parameters) =
    (EXCLUDED.vendor_id, EXCLUDED.body, EXCLUDED.parameters);
