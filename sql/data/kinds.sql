-- Kinds that the code knows by name, with their texts for people, and rules that are rows. They are written again by `certhall up`,
-- except what an administrator may have changed.
INSERT INTO hall.step (code, before_draft) VALUES ('agreements', true), ('seal', true), ('certificate', true), ('form', false),
    ('print', false), ('papers', false), ('phone', false), ('payment', false)
    ON CONFLICT (code) DO UPDATE SET before_draft = EXCLUDED.before_draft;

INSERT INTO hall.business (code, pos, name, priced, product, intro, extends, alters) VALUES
    ('new', 1, '证书新办', true, NULL, '申请一张新的数字证书，审核通过后制作并寄送。', false, false),
    ('reissue', 2, '介质遗失补办', false, NULL, '证书介质遗失或损坏，凭证书序列号补办；新证书有效期截止日与原证书相同，原证书在新证书签发时吊销。', false, false),
    ('seal', 3, '电子签章', true, '单位公章、业务章与个人章的电子签章，盖在电子文件上与实物印章同样有效。', '办理单位公章、业务章和个人章的电子签章。', false, false),
    ('renew', 4, '证书更新', true, NULL, '证书到期前换发新证书：核对登记信息，没有变化的资料不必重新提交；新证书从原证书的到期日起顺延，原证书到期前仍可使用。', true, false),
    ('change', 5, '信息变更', false, NULL, '单位名称、法定代表人、经办人、地址或联系方式有变化时办理。证书所载信息变更的，换发新证书，有效期截止日与原证书相同，原证书同时吊销；其他信息审核通过后即变更，证书不换。', false, true)
    ON CONFLICT (code) DO UPDATE SET pos = EXCLUDED.pos, name = EXCLUDED.name, priced = EXCLUDED.priced, product = EXCLUDED.product, intro = EXCLUDED.intro, extends = EXCLUDED.extends, alters = EXCLUDED.alters;

-- What can change. The certificate has the unit's or the person's name (core/pki/profiles.json); its new name makes another one.
INSERT INTO hall.change_kind (code, pos, name, persons, fields, makes) VALUES
    ('unit_name', 1, '单位名称', '{institution,holder}', '{unit_name}', true),
    ('holder_name', 2, '申请人姓名', '{holder,natural}', '{holder_name}', true),
    ('legal', 3, '法定代表人', '{institution,holder}', '{legal_name,legal_id,legal_mobile}', false),
    ('agent', 4, '经办人', '{institution,holder}', '{agent_name,agent_id,agent_mobile,agent_email,agent_position}', false),
    ('address', 5, '单位地址', '{institution,holder}', '{unit_region,unit_address}', false),
    ('contact', 6, '联系方式', '{institution,holder,natural}', '{agent_mobile,agent_email,legal_mobile,holder_mobile,holder_email}', false)
    ON CONFLICT (code) DO UPDATE SET pos = EXCLUDED.pos, name = EXCLUDED.name, persons = EXCLUDED.persons, fields = EXCLUDED.fields, makes = EXCLUDED.makes;

DELETE FROM hall.business_point WHERE business = 'seal';
INSERT INTO hall.business_point (business, pos, title, text) VALUES
    ('seal', 1, '与实物印章一致', '按备案印章的印模制作，或由系统生成；付款之前可以逐枚预览样式。'),
    ('seal', 2, '一次办齐', '单位公章、业务章和多人的个人章，在一份申请里完成。'),
    ('seal', 3, '处处可验', '签章后的文件用通用阅读器和本站“签名验证”都能检查真伪。');

DELETE FROM hall.business_step WHERE business IN ('new', 'reissue', 'seal', 'renew', 'change');
INSERT INTO hall.business_step (business, pos, step, label) VALUES
    ('new', 1, 'agreements', '阅读协议'), ('new', 2, 'form', '填写信息'), ('new', 3, 'print', '打印申请表'),
    ('new', 4, 'papers', '上传资料'), ('new', 5, 'phone', '手机认证'), ('new', 6, 'payment', '在线支付'),
    ('reissue', 1, 'agreements', '补办介绍'), ('reissue', 2, 'certificate', '证书选择'), ('reissue', 3, 'form', '填写信息'),
    ('reissue', 4, 'print', '打印申请表'), ('reissue', 5, 'papers', '上传资料'), ('reissue', 6, 'phone', '手机认证'),
    ('reissue', 7, 'payment', '在线支付'),
    ('seal', 1, 'agreements', '阅读协议'), ('seal', 2, 'form', '填写信息'), ('seal', 3, 'print', '打印申请表'),
    ('seal', 4, 'papers', '上传资料'), ('seal', 5, 'phone', '手机认证'), ('seal', 6, 'payment', '在线支付'),
    ('renew', 1, 'agreements', '更新介绍'), ('renew', 2, 'certificate', '证书选择'), ('renew', 3, 'form', '核对信息'),
    ('renew', 4, 'print', '打印申请表'), ('renew', 5, 'papers', '上传资料'), ('renew', 6, 'phone', '手机认证'),
    ('renew', 7, 'payment', '在线支付'),
    ('change', 1, 'agreements', '变更介绍'), ('change', 2, 'certificate', '证书与变更内容'), ('change', 3, 'form', '填写变更'),
    ('change', 4, 'print', '打印申请表'), ('change', 5, 'papers', '上传资料'), ('change', 6, 'phone', '手机认证'),
    ('change', 7, 'payment', '在线支付');

INSERT INTO hall.payment_channel (code, pos, name, app, page, phone, hint) VALUES
    ('wechatpay', 1, '微信支付', '微信', false, true, '用微信付款，到账后自动进入下一步。'),
    ('alipay', 2, '支付宝', '支付宝', true, true, '用支付宝付款，也可以在电脑上登录支付宝付款，到账后自动进入下一步。'),
    ('transfer', 3, '公对公转账', NULL, false, false,
     '从申请单位自己的对公账户汇款，再上传汇款凭证；财务人员在审核期限内核对到账。以此方式支付的，不再另行汇款认证账户。')
    ON CONFLICT (code) DO UPDATE SET pos = EXCLUDED.pos, name = EXCLUDED.name, app = EXCLUDED.app, page = EXCLUDED.page, phone = EXCLUDED.phone, hint = EXCLUDED.hint;

-- By which a person proves who they are, in the order in which they are offered.
INSERT INTO hall.identity_way (code, pos, name, hint, purposes) VALUES
    ('face', 1, '人脸核验', '在手机上按提示完成动作，约一分钟。需要您单独同意处理人脸信息。', '{phone,loss,legal,rebind,unlock,revoke}'),
    ('transfer', 2, '本人银行账户转账', '从本人名下的银行账户向本机构转账 0.01 元，核对户名与身份证姓名。一般几分钟到账，最长 24 小时。', '{phone,loss,legal,rebind,unlock,revoke}'),
    ('outlet', 3, '到网点当面核验', '预约时间，本人带身份证原件到网点，由工作人员核对。不必在手机上拍摄身份证，也不拍摄、不保存人脸照片。', '{phone}')
    ON CONFLICT (code) DO UPDATE SET pos = EXCLUDED.pos, name = EXCLUDED.name, hint = EXCLUDED.hint, purposes = EXCLUDED.purposes;

INSERT INTO hall.courier (code, name, orders, page) VALUES
    ('sf', '顺丰速运', true, 'https://www.sf-express.com/chn/sc/waybill/waybill-detail/{number}'),
    ('jd', '京东物流', true, 'https://www.jdl.com/orderSearch/?waybillCodes={number}'),
    ('ems', 'EMS', false, 'https://www.ems.com.cn/queryList?mailNum={number}')
    ON CONFLICT (code) DO UPDATE SET (name, orders, page) = (EXCLUDED.name, EXCLUDED.orders, EXCLUDED.page);

-- The lists of a project's document, and the place of their members in it.
INSERT INTO hall.project_list (member, tbl) VALUES
    ('agreements', 'hall.project_agreement'), ('steps', 'hall.project_step'), ('types', 'hall.project_type'),
    ('fields', 'hall.project_field'), ('papers', 'hall.project_paper'), ('links', 'hall.project_link'),
    ('messages', 'hall.message_template'), ('fees', 'hall.project_fee'), ('notices', 'hall.project_notice'),
    ('outlets', 'hall.project_outlet'), ('courier_rules', 'hall.courier_rule'), ('mails', 'hall.mail_template'),
    ('faq', 'hall.faq'), ('downloads', 'hall.download')
    ON CONFLICT (member) DO UPDATE SET tbl = EXCLUDED.tbl;

INSERT INTO hall.pin_transition (from_state, to_state, meaning) VALUES
    ('wanted', 'made', 'the signer has made and encrypted it'),
    ('wanted', 'void', 'the order has ended, or wants the next one'),
    ('made', 'opened', 'for its first purpose'),
    ('made', 'void', 'the order has ended, or wants the next one'),
    ('opened', 'confirmed', 'it is in the medium and has reached its owner'),
    ('opened', 'void', 'its payment failed or came back, or the order or its certificates have ended'),
    ('confirmed', 'opened', 'it has not reached its owner after all'),
    ('confirmed', 'void', 'its payment came back, or the order or its certificates have ended'),
    ('confirmed', 'destroyed', 'nothing can come back any more')
    ON CONFLICT (from_state, to_state) DO UPDATE SET meaning = EXCLUDED.meaning;

INSERT INTO hall.pin_delivery (finauth, payout, person, goes) VALUES
    ('code', true, 'institution', 'agent'),   ('code', false, 'institution', 'agent'),
    ('code', true, 'holder', 'agent'),        ('code', false, 'holder', 'agent'),
    ('pin', true, 'institution', 'remark'),   ('pin', false, 'institution', 'agent'),
    ('pin', true, 'holder', 'remark'),        ('pin', false, 'holder', 'holder'),
    ('none', false, 'institution', 'agent'),  ('none', false, 'holder', 'holder'), ('none', false, 'natural', 'holder')
    ON CONFLICT (finauth, payout, person) DO UPDATE SET goes = EXCLUDED.goes;

INSERT INTO hall.money_kind (kind, pos, name, next) VALUES
    ('voucher', 1, '待确认汇款', '核对银行到账，确认或退回凭证'),
    ('refund_asked', 2, '待审批退费', '批准或不予批准'),
    ('refund_by_hand', 3, '待汇回', '汇回付款账户后登记'),
    ('refund_failed', 4, '退款失败', '在支付机构处理或汇回后登记'),
    ('wrong_amount', 5, '金额不符', '在支付机构处理后登记'),
    ('refund_under_way', 6, '退款途中', '等待支付机构退回')
    ON CONFLICT (kind) DO UPDATE SET pos = EXCLUDED.pos, name = EXCLUDED.name, next = EXCLUDED.next;

INSERT INTO hall.message_name (event, name) VALUES
    ('approved', '审核通过通知'), ('rejected', '审核驳回通知'), ('finauth_failed', '金融认证未成功通知'),
    ('account_wanted', '补充对公账户提醒'), ('pin', '证书 PIN 码'), ('puk', '介质解锁码'), ('unlocked', '介质解锁通知'), ('shipped', '快递寄出通知'), ('download', '证书下载通知'),
    ('serials', '证书序列号'), ('refunded', '退款通知'), ('seal_made', '电子印章制成通知'), ('certificate_held', '证书冻结通知'),
    ('certificate_released', '证书解冻通知'), ('certificate_revoked', '证书吊销通知'), ('handed_over', '业务单移交通知'),
    ('invoice', '电子发票'), ('expiring', '证书到期提醒'), ('renewable', '证书到期提醒'), ('renewal_opens', '证书更新开始时间'), ('replacing', '原证书停用通知'), ('data_changed', '登记信息变更通知'), ('code_wanted', '随机码填写通知'), ('code_failed', '随机码认证未成功通知'),
    ('appointment', '到店核验预约'), ('appointment_cancelled', '到店核验预约'), ('appointment_missed', '到店核验预约')
    ON CONFLICT (event) DO UPDATE SET name = EXCLUDED.name;

INSERT INTO hall.retention_place (place, "rows") VALUES
    ('order.form', 'id = $1'), ('message.content', 'order_id = $1'), ('paper.key', 'order_id = $1'),
    ('voucher.key', 'order_id = $1'), ('sealpicture.name', 'order_id = $1'), ('sealpicture.png', 'order_id = $1'), ('sealpicture.svg', 'order_id = $1'),
    ('licence_check.seen', 'paper_id IN (SELECT id FROM hall.paper WHERE order_id = $1)'),
    ('paper_check.card', 'order_id = $1'), ('act.statement', 'order_id = $1'), ('refund_request.reason', 'order_id = $1'), ('legal_person.encrypted', 'order_id = $1'),
    ('payout_code.encrypted', 'payout IN (SELECT id FROM hall.payout WHERE order_id = $1)'),
    ('bank_account.encrypted', 'order_id = $1'), ('evidence.reason', 'order_id = $1'), ('evidence.key', 'order_id = $1'), ('bank_entry.payer', 'order_id = $1')
    ON CONFLICT (place) DO UPDATE SET "rows" = EXCLUDED."rows", kept = NULL;
INSERT INTO hall.retention_place (place, kept) VALUES
    ('account.phone', 'the account lives on'), ('rebinding.phones', 'a rule of its own'), ('account.profile', 'the account lives on'),
    ('log_export.reason', 'why the log was exported'), ('revocation.note', 'evidence of a revocation'), ('revocation.answer', 'evidence of a revocation'),
    ('transfer.payer', 'the books'), ('transfer.reason', 'the books'), ('invoice.buyer', 'the books'),
    ('ticket.form', 'ended by hall.partner_sweep'), ('partner_key.secret', 'a partner''s'), ('partner_hook.secret', 'a partner''s')
    ON CONFLICT (place) DO UPDATE SET kept = EXCLUDED.kept, "rows" = NULL;

-- Set only once; from then on these rows are the authority's (certhall-admin retention, certhall-admin defaults).
INSERT INTO hall.retention (what, name, event, after) VALUES
    ('order', '业务单的个人信息与资料', '最后一张证书到期或吊销', '5 years'),
    ('refunded', '已退费业务单的个人信息与资料', '退费', '5 years'),
    ('cancelled', '已取消业务单的个人信息与资料', '取消', '180 days'),
    ('draft', '草稿（取消）', '最后一次修改', '90 days'),
    ('face', '人脸核验的凭据', '核验结束', '1 day'),
    ('message', '短信和邮件的内容', '发出', '180 days'),
    ('rebinding', '换绑手机号的申请', '生效、停止或失效', '180 days'),
    ('evidence', '证据包', '制作完成', '30 days'),
    ('entry', '没有验证码的 0.01 元到账', '到账', '180 days')
    ON CONFLICT (what) DO NOTHING;

-- Prepaid with JD; where JD does not deliver, SF and EMS do, and the receiver pays.
INSERT INTO hall.courier_rule (region, keyword, courier, payment, fee, priority)
    SELECT * FROM (VALUES ('', NULL, 'jd', 'prepaid', 1300, 0), ('54', NULL, 'sf', 'collect', 0, 0),
                          ('65', NULL, 'sf', 'collect', 0, 0), ('4603', NULL, 'ems', 'collect', 0, 0)) rule
     WHERE NOT EXISTS (SELECT FROM hall.courier_rule WHERE project IS NULL);

INSERT INTO hall.mail_template (event, subject, body) VALUES ('invoice', '您的电子发票（业务单 {order}）',
'您好：
您在{project}办理的业务（单号 {order}）已开具电子发票，发票号码 {number}，价税合计 {amount} 元。
查看与下载：{link}
发票文件也可以登录网上营业厅，在“我的业务单”的业务单页面下载。')
    ON CONFLICT (event, project) DO NOTHING;

INSERT INTO hall.message_name (event, name) VALUES ('refund_approved', '退费批准通知'), ('refund_refused', '退费申请答复'),
    ('voucher_refused', '汇款未确认通知'), ('remitted_back', '汇款退回通知'), ('refund_ended', '退办办结通知'), ('pin_remitted', '金融认证打款通知'),
    ('legal_wanted', '法定代表人认证提醒'), ('finauth_ended', '打款认证次数用完通知'), ('unpaid_ends', '支付时限提醒'),
    ('unpaid_ended', '超时取消通知')
ON CONFLICT (event) DO UPDATE SET name = EXCLUDED.name;
-- What cannot be switched off, and why: what the law or safety needs, and what was asked for.
UPDATE hall.message_name n SET needed = w.needed
  FROM (VALUES ('pin', '含有只发送一次的密码'), ('puk', '含有只发送一次的密码'), ('serials', '由您自己要求发送'),
               ('unlocked', '关系到证书的安全'), ('data_changed', '关系到证书的安全'), ('certificate_held', '证书能否使用，依法应当告知'), ('certificate_released', '证书能否使用，依法应当告知'),
               ('certificate_revoked', '证书能否使用，依法应当告知'), ('replacing', '证书能否使用，依法应当告知'), ('handed_over', '关系到账号和业务单的安全'),
               ('refunded', '关系到您的款项'), ('refund_approved', '关系到您的款项'), ('refund_refused', '关系到您的款项'),
               ('remitted_back', '关系到您的款项'), ('refund_ended', '关系到您的款项'), ('voucher_refused', '关系到您的款项')) AS w(event, needed)
 WHERE n.event = w.event AND n.needed IS DISTINCT FROM w.needed;
