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
    ('download', NULL, '1011', '您的数字证书（单号 {order}）已制作完成，请登录网上营业厅，在业务单页面下载证书文件，打开文件需要 PIN 码。', '{order}'),
    ('serials', NULL, '1015', '“{unit}”现有数字证书 {count} 张，证书序列号：{serials}。如非本人查询，请忽略本短信。', '{unit,count,serials}'),
    ('refunded', NULL, '1008', '您的数字证书业务（单号 {order}）有一笔款项 {amount} 元已原路退回，到账时间以支付机构为准。', '{order,amount}'),
    ('stamped', NULL, '1012', '您办理的电子印章（单号 {order}）已制作完成，印章编号 {number}，请登录网上营业厅在业务单中下载。', '{order,number}'),
    ('certificate_held', NULL, '1016', '您的数字证书（序列号 {serial}）已于 {time} 冻结，暂不能使用。如非本人操作，请在 24 小时内解除，或致电 {hotline}。', '{serial,time,hotline}'),
    ('certificate_released', NULL, '1017', '您的数字证书（序列号 {serial}）已于 {time} 解除冻结，可以继续使用。如非本人操作，请立即致电 {hotline}。', '{serial,time,hotline}'),
    ('certificate_revoked', NULL, '1018', '您的数字证书（序列号 {serial}）已于 {time} 吊销，不能再使用，原因：{reason}。如有疑问请致电 {hotline}。', '{serial,time,reason,hotline}')
ON CONFLICT (event, project) DO UPDATE SET (vendor_id, body, parameters) =
    (EXCLUDED.vendor_id, EXCLUDED.body, EXCLUDED.parameters);
