-- What the runner's jobs are called, for those who look at what is stuck. Staff alone read it.
INSERT INTO hall.job_kind (kind, name) VALUES
    ('message', '发送短信或邮件'), ('partner_event', '通知合作平台'), ('parcel', '快递下单'), ('parcel_cancel', '取消快递单'), ('track', '查询快递'),
    ('invoice_wanted', '核算应开发票'), ('invoice', '开具或冲红发票'), ('invoice_query', '查询发票'), ('expiry', '证书到期提醒'),
    ('paper_carry', '带入以前的资料'), ('payment_query', '查询支付结果'), ('payment_close', '关闭支付单'), ('refund', '退款'),
    ('refund_query', '查询退款结果'), ('bill', '核对支付账单'), ('licence', '识别营业执照'), ('paper_check', '检查资料图片'), ('card', '核对身份证'),
    ('carrier', '手机号实名核验'), ('liveness', '查询人脸识别结果'), ('entries', '查询到账'), ('rebinding', '换绑手机号'), ('appointment_end', '到店预约到期'), ('pin', '生成 PIN 码'), ('issue', '签发证书'),
    ('request', '生成证书请求'), ('cmp', '向外部认证机构申请证书'), ('cmp_revoke', '通知外部认证机构吊销'), ('key_file_end', '到期销毁密钥文件'),
    ('rekey', '更换 PIN 码密钥'), ('pin_box', '向制证页面提供 PIN 码'), ('reencrypt', '更换数据密钥'), ('seal', '制作电子印章'), ('evidence', '制作证据包'),
    ('lint', '检查证书'), ('renew', '更新 OCSP 签名证书'), ('crl', '签发吊销列表'), ('ocsp', '签发证书状态'), ('ocsp_due', '续签证书状态'),
    ('payout', '汇出 0.01 元'), ('payout_query', '查询汇款结果'), ('payout_watch', '跟进退票'), ('unpaid_end', '取消未缴费的业务单'),
    ('account_reminder', '提醒补充对公账户'), ('code_end', '随机码到期'), ('signed_for', '自动确认签收'), ('serials', '发送证书序列号'),
    ('retention', '到期清除数据'), ('file_gone', '删除文件'), ('store_sweep', '清理无主文件')
    ON CONFLICT (kind) DO UPDATE SET name = EXCLUDED.name;
