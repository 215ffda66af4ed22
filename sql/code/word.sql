-- What codes are called by people, in lists, files and choices, in the order in which they are offered. A code whose name differs
-- from project to project, or that has properties besides, has a table of its own.
CREATE OR REPLACE FUNCTION hall.words() RETURNS TABLE (list text, code text, name text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('role', 'reviewer', '审核员'), ('role', 'finance', '财务'), ('role', 'producer', '制证员'), ('role', 'outlet', '网点制证员'),
           ('role', 'auditor', '审计员'), ('role', 'admin', '管理员'),
           ('revocation_kind', 'revoke', '吊销'), ('revocation_kind', 'hold', '冻结'), ('revocation_kind', 'release', '解除冻结'),
           ('revocation_way', 'staff', '工作人员'), ('revocation_way', 'account', '业务单账号'), ('revocation_way', 'link', '手机认证'),
           ('revocation_way', 'system', '系统'),
           ('revocation_state', 'asked', '待确认'), ('revocation_state', 'done', '已办结'), ('revocation_state', 'refused', '未同意'),
           ('revocation_state', 'withdrawn', '已撤回'),
           ('revocation_reason', 'key_compromise', '介质遗失或密钥泄露'), ('revocation_reason', 'affiliation_changed', '证书信息变更'),
           ('revocation_reason', 'superseded', '已由新证书替换'), ('revocation_reason', 'cessation', '不再使用'),
           ('revocation_reason', 'privilege_withdrawn', '资格被取消'), ('revocation_reason', 'unspecified', '其他'),
           ('seal_kind', 'unit', '法定名称章'), ('seal_kind', 'business', '业务专用章'), ('seal_kind', 'person', '个人名章'),
           ('seal_state', 'making', '制作中'), ('seal_state', 'valid', '有效'), ('seal_state', 'suspended', '已暂停'),
           ('seal_state', 'expired', '已到期'), ('seal_state', 'withdrawn', '已注销'),
           ('seal_filing', 'made', '制作'), ('seal_filing', 'withdrawn', '注销'),
           ('invoice_state', 'asked', '待开具'), ('invoice_state', 'issuing', '开具中'), ('invoice_state', 'issued', '已开具'),
           ('invoice_state', 'failed', '开具失败'), ('invoice_state', 'red', '已冲红'), ('invoice_state', 'dropped', '不再开具'),
           ('appointment_state', 'open', '待核验'), ('appointment_state', 'passed', '核验通过'), ('appointment_state', 'refused', '核验未通过'),
           ('appointment_state', 'missed', '没有到店'), ('appointment_state', 'cancelled', '已取消'),
           ('appointment_reason', 'not_person', '到店的不是本人'), ('appointment_reason', 'card_differs', '身份证与申请信息不一致'),
           ('appointment_reason', 'card_invalid', '没有带身份证原件，或已过有效期'), ('appointment_reason', 'card_doubtful', '身份证真伪存疑'),
           ('appointment_reason', 'papers_missing', '没有带齐所需资料'), ('appointment_reason', 'unwilling', '本人不同意办理'),
           ('bill_kind', 'payment', '收款'), ('bill_kind', 'refund', '退款'),
           ('bill_difference', 'only_theirs', '仅账单有'), ('bill_difference', 'only_ours', '仅本系统有'),
           ('bill_difference', 'amount', '金额不一致'), ('bill_difference', 'twice', '账单中重复'),
           ('entry_outcome', 'no_code', '没有验证码'), ('entry_outcome', 'late', '验证码已失效'), ('entry_outcome', 'other_name', '户名不符'),
           ('entry_outcome', 'other_amount', '金额不符'),
           ('message_channel', 'sms', '短信'), ('message_channel', 'email', '邮件'),
           ('message_state', 'queued', '待发送'), ('message_state', 'sent', '已发送'), ('message_state', 'delivered', '已送达'),
           ('message_state', 'undelivered', '未送达'), ('message_state', 'refused', '未能发送'),
           ('message_reason', 'no_address', '申请表没有填写邮箱'), ('message_reason', 'no_mail_server', '没有设置邮件服务器'),
           ('message_reason', 'given_up', '多次发送没有应答'), ('message_reason', 'bad_address', '邮箱地址不正确'),
           ('message_reason', 'no template for this event', '没有这类消息的文本') $$;

-- NULL for a code that the list does not have. In PL/pgSQL, because an SQL function with a FROM is planned at each statement.
CREATE OR REPLACE FUNCTION hall.word(of_list text, of_code text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT w.name FROM hall.words() w WHERE w.list = of_list AND w.code = of_code);
END $$;

-- All of a list, to choose from.
CREATE OR REPLACE FUNCTION hall.choices(of_list text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_build_object('code', w.code, 'name', w.name) ORDER BY n)
              FROM hall.words() WITH ORDINALITY AS w(list, code, name, n) WHERE w.list = of_list);
END $$;
