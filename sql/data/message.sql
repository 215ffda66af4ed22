-- Messages of the hall; a project may have its own ("messages" of its document). vendor_id is the number of the text that the SMS
-- vendor has approved.
INSERT INTO hall.message_template (event, project, vendor_id, body, parameters) VALUES
    ('login_code', NULL, '1001', '您正在登录网上营业厅，验证码为 {code}，10 分钟内有效。如非本人操作，请勿告知他人。', '{code}'),
    ('account_code', NULL, '1060', '您正在{action}，验证码为 {code}，10 分钟内有效。如非本人操作，请勿告知他人，并致电 {hotline}。', '{action,code,hotline}'),
    ('password_changed', NULL, '1061', '您的网上营业厅登录密码已于 {time} 修改，其他设备已退出登录。如非本人操作，请立即致电 {hotline}。', '{time,hotline}'),
    ('phone_changed', NULL, '1062', '您的网上营业厅账号已于 {time} 更换为手机号 {mask}，本号码不能再登录该账号。如非本人操作，请立即致电 {hotline}。', '{time,mask,hotline}'),
    ('hand_over', NULL, '1063', '{giver} 申请把“{unit}”的数字证书业务单移交给您，请登录网上营业厅，在个人中心“单位证书”查看，7 天内有效。如不相识请忽略。', '{giver,unit}'),
    ('handed_over', NULL, '1064', '“{unit}”的 {count} 份业务单已移交给手机号 {mask} 的账号。如非本人操作，请立即致电 {hotline}。', '{unit,count,mask,hotline}'),
    ('rebinding_waits', NULL, '1065', '有人经本人身份认证，申请把您的网上营业厅账号换绑到手机号 {mask}，将于 {time} 生效。如非本人操作，请在此之前用本号码登录网上营业厅停止，或立即致电 {hotline}。', '{mask,time,hotline}'),
    ('rebinding_done', NULL, '1066', '您的网上营业厅账号已于 {time} 换绑到本号码，请用本号码的短信验证码登录，原密码已失效。如有疑问请致电 {hotline}。', '{time,hotline}'),
    ('rebinding_stopped', NULL, '1067', '您申请把网上营业厅账号换绑到本号码，已于 {time} 由原手机号停止，7 天内不能再次申请。如有疑问请致电 {hotline}。', '{time,hotline}'),
    ('account_closed', NULL, '1068', '您的网上营业厅账号已于 {time} 注销，所有设备已退出登录。已办的证书不受影响，本号码可以重新注册。如非本人操作，请立即致电 {hotline}。', '{time,hotline}'),
    ('approved', NULL, '1002', '您提交的数字证书业务（单号 {order}）已审核通过，请登录网上营业厅，在个人中心“我的业务单”查看。', '{order}'),
    ('rejected', NULL, '1003', '您提交的数字证书业务（单号 {order}）未通过审核，原因：{reason}。请登录网上营业厅，在“我的业务单”修改后重新提交，已付费用继续有效。', '{order,reason}'),
    ('finauth_failed', NULL, '1004', '您的数字证书业务（单号 {order}）金融认证未成功：{reason}。请登录网上营业厅核对并更正对公账户。', '{order,reason}'),
    ('account_wanted', NULL, '1005', '您的数字证书业务（单号 {order}）还需填写单位对公账户，请登录网上营业厅“我的业务单”补充。', '{order}'),
    ('code_failed', NULL, '1030', '您的数字证书业务（单号 {order}）金融认证未完成：{reason}。请登录网上营业厅，在业务单中重新申请打款。', '{order,reason}'),
    ('code_wanted', NULL, '1031', '您的数字证书业务（单号 {order}）已向单位账户汇出 0.01 元，请向本单位财务索取附言中的 6 位随机码，在业务单中填写，也可以把填写链接发给财务。', '{order}'),
    ('pin_remitted', NULL, '1032', '您的数字证书业务（单号 {order}）已向单位账户汇出 0.01 元，附言为证书 PIN 码，请向本单位财务索取并妥善保管，切勿泄露给他人。', '{order}'),
    ('legal_wanted', NULL, '1033', '您的数字证书业务（单号 {order}）打款认证次数已用完：{reason}。请登录网上营业厅，在业务单中由法定代表人完成认证。', '{order,reason}'),
    ('finauth_ended', NULL, '1034', '您的数字证书业务（单号 {order}）打款认证次数已用完：{reason}。请致电 {hotline} 办理。', '{order,reason,hotline}'),
    ('unpaid_ends', NULL, '1045', '您的数字证书业务（单号 {order}）尚未支付，{time} 前未支付将自动取消。请登录网上营业厅，在“我的业务单”完成支付。', '{order,time}'),
    ('unpaid_ended', NULL, '1046', '您的数字证书业务（单号 {order}）7 天内未支付，已自动取消，没有收取费用。如需办理请重新申请。', '{order}'),
    ('pin', NULL, '1006', '您的数字证书（单号 {order}）PIN 码为 {pin}，请妥善保管，切勿泄露给他人。', '{order,pin}'),
    ('puk', NULL, '1009', '您的数字证书（序列号 {serial}）介质的解锁码（PUK）为 {puk}，只发放一次，请用它在证书管理工具中重设 PIN 码，切勿泄露给他人。', '{serial,puk}'),
    ('unlocked', NULL, '1010', '您的数字证书（序列号 {serial}）经本人身份认证申请解锁，解锁码已于 {time} 以短信发送。如非本人操作，请立即报失，并致电 {hotline}。', '{serial,time,hotline}'),
    ('shipped', NULL, '1007', '您的数字证书（单号 {order}）已由{courier}寄出，运单号 {number}，请注意查收。', '{order,courier,number}'),
    ('download', NULL, '1011', '您的数字证书（单号 {order}）已制作完成，请登录网上营业厅，在业务单页面下载证书文件，打开文件需要 PIN 码。', '{order}'),
    ('serials', NULL, '1015', '“{unit}”现有数字证书 {count} 张，证书序列号：{serials}。如非本人查询，请忽略本短信。', '{unit,count,serials}'),
    ('refunded', NULL, '1008', '您的数字证书业务（单号 {order}）有一笔款项 {amount} 元已原路退回，到账时间以支付机构为准。', '{order,amount}'),
    ('seal_made', NULL, '1012', '您办理的电子印章（单号 {order}）已制作完成，印章编号 {number}，请登录网上营业厅在业务单中下载。', '{order,number}'),
    ('invoice', NULL, '1050', '您的数字证书业务（单号 {order}）已开具电子发票，价税合计 {amount} 元，查看与下载：{link} 。', '{order,amount,link}'),
    ('renewable', NULL, '1090', '您的数字证书（序列号 {serial}）将于 {date} 到期，还剩 {days} 天，现在可以办理证书更新：{link}。如有疑问请致电 {hotline}。', '{serial,date,days,link,hotline}'),
    ('renewal_opens', NULL, '1091', '您的数字证书（序列号 {serial}）将于 {date} 到期，{opens} 起可以办理证书更新：{link}。', '{serial,date,opens,link}'),
    ('data_changed', NULL, '1093', '您的数字证书（序列号 {serial}）的登记信息（{what}）已变更，证书不换、继续使用。如非本人操作，请立即致电 {hotline}。', '{serial,what,hotline}'),
    ('replacing', NULL, '1092', '您的新数字证书已签发，按您的选择，原证书（序列号 {serial}）将于 {date} 停用，请在此之前改用新证书。如需更改日期，请登录网上营业厅，在业务单中选择。', '{serial,date}'),
    ('expiring', NULL, '1051', '您的数字证书（序列号 {serial}）将于 {date} 到期，还剩 {days} 天。如需继续使用，请登录网上营业厅重新申请证书，或致电 {hotline}。', '{serial,date,days,hotline}'),
    ('certificate_held', NULL, '1016', '您的数字证书（序列号 {serial}）已于 {time} 冻结，暂不能使用。如非本人操作，请在 24 小时内解除，或致电 {hotline}。', '{serial,time,hotline}'),
    ('certificate_released', NULL, '1017', '您的数字证书（序列号 {serial}）已于 {time} 解除冻结，可以继续使用。如非本人操作，请立即致电 {hotline}。', '{serial,time,hotline}'),
    ('certificate_revoked', NULL, '1018', '您的数字证书（序列号 {serial}）已于 {time} 吊销，不能再使用，原因：{reason}。如有疑问请致电 {hotline}。', '{serial,time,reason,hotline}'),
    ('refund_approved', NULL, '1040', '您的数字证书业务（单号 {order}）退费申请已批准，{amount} 元将退回原付款渠道，到账后另行通知。', '{order,amount}'),
    ('refund_refused', NULL, '1041', '您的数字证书业务（单号 {order}）退费申请未获批准，原因：{reason}。业务将继续办理。', '{order,reason}'),
    ('voucher_refused', NULL, '1042', '您的数字证书业务（单号 {order}）未能确认汇款，原因：{reason}。请登录网上营业厅，在“我的业务单”重新支付或提交凭证。', '{order,reason}'),
    ('remitted_back', NULL, '1043', '您的数字证书业务（单号 {order}）有一笔汇款 {amount} 元已汇回付款账户，到账时间以银行为准。', '{order,amount}'),
    ('refund_ended', NULL, '1044', '您的数字证书业务（单号 {order}）已按您的申请办结，该业务没有收取费用。', '{order}')
ON CONFLICT (event, project) DO UPDATE SET (vendor_id, body, parameters) =
    (EXCLUDED.vendor_id, EXCLUDED.body, EXCLUDED.parameters);
INSERT INTO hall.message_name (event, name) VALUES ('refund_approved', '退费批准通知'), ('refund_refused', '退费申请答复'),
    ('voucher_refused', '汇款未确认通知'), ('remitted_back', '汇款退回通知'), ('refund_ended', '退办办结通知'), ('pin_remitted', '金融认证打款通知'),
    ('legal_wanted', '法定代表人认证提醒'), ('finauth_ended', '打款认证次数用完通知'), ('unpaid_ends', '支付时限提醒'),
    ('unpaid_ended', '超时取消通知')
ON CONFLICT (event) DO UPDATE SET name = EXCLUDED.name;
-- What cannot be switched off, and why: what the law or safety needs, and what was asked for.
UPDATE hall.message_name n SET needed = w.needed
  FROM (VALUES ('pin', '含有只发送一次的密码'), ('puk', '含有只发送一次的密码'), ('serials', '由您自己要求发送'),
               ('unlocked', '关系到证书的安全'), ('certificate_held', '证书能否使用，依法应当告知'), ('certificate_released', '证书能否使用，依法应当告知'),
               ('certificate_revoked', '证书能否使用，依法应当告知'), ('replacing', '证书能否使用，依法应当告知'), ('handed_over', '关系到账号和业务单的安全'),
               ('refunded', '关系到您的款项'), ('refund_approved', '关系到您的款项'), ('refund_refused', '关系到您的款项'),
               ('remitted_back', '关系到您的款项'), ('refund_ended', '关系到您的款项'), ('voucher_refused', '关系到您的款项')) AS w(event, needed)
 WHERE n.event = w.event AND n.needed IS DISTINCT FROM w.needed;
