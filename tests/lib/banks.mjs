// SPDX-License-Identifier: Apache-2.0
// A list of opening branches of any size, always the same: names and numbers have the shape of the real list's, the branches are
// made up. As a command it writes the CSV file that `certhall-admin banks import` takes:
//
//     node tests/lib/banks.mjs 150000 > branches.csv
import { fileURLToPath } from 'node:url'

const NATIONAL = [
  ['102', '中国工商银行'], ['103', '中国农业银行'], ['104', '中国银行'], ['105', '中国建设银行'], ['301', '交通银行'], ['302', '中信银行'],
  ['303', '中国光大银行'], ['304', '华夏银行'], ['305', '中国民生银行'], ['306', '广发银行'], ['307', '平安银行'], ['308', '招商银行'],
  ['309', '兴业银行'], ['310', '上海浦东发展银行'], ['403', '中国邮政储蓄银行'], ['203', '中国农业发展银行'], ['316', '浙商银行'], ['318', '渤海银行'],
]
const PLACES = `北京 上海 天津 重庆 广州 深圳 珠海 汕头 佛山 韶关 湛江 肇庆 江门 茂名 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮 长沙 株洲 湘潭
衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底 武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州 恩施 郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡
焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 南京 无锡 徐州 常州 苏州
南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州
六安 亳州 池州 宣城 福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德 南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶 成都 自贡 攀枝花 泸州 德阳 绵阳 广元
遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳 贵阳 六盘水 遵义 安顺 昆明 曲靖 玉溪 保山 昭通 丽江 西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛 兰州
嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南 西宁 海东 银川 石嘴山 吴忠 固原 中卫 乌鲁木齐 克拉玛依 呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔
沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛 长春 吉林 四平 辽源 通化 白山 松原 白城 哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯
石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁 海口 三亚 南宁 柳州 桂林 梧州 北海 防城港 钦州
贵港 玉林 百色 贺州 河池 来宾 崇左 拉萨`.split(/\s+/)
const AREAS = `城东 城西 城南 城北 新城 老城 高新 开发区 中心 解放路 人民路 建设路 和平 胜利 朝阳 长江路 黄河路 文化路 迎宾 火车站 滨江 滨河 东湖 西湖 南山 北关 金山 银河 天河 福田
龙华 光明 团结 友谊 兴华 中华路 青年路 学院路 科技园 工业园 大学城 湖滨 江北 江南 河东 河西 东郊 西郊 桥头 凤凰 玉泉 明珠 阳光 世纪 财富 金融街 环城 平安里 永安 安定`.split(/\s+/)
const KINDS = ['支行', '支行营业部', '第二支行', '路支行', '小微支行', '社区支行']

/** Branch number `i`, as [cnaps, bank, name]. */
export function branch(i) {
  const place = PLACES[i % PLACES.length]
  const at = Math.floor(i / PLACES.length)
  const which = at % 23
  const round = Math.floor(at / 23)
  const local = which > 17
  const [code, bank] = local ? ['402', `${place}农村商业银行`] : NATIONAL[which]
  const area = AREAS[(7 * round + 3 * which) % AREAS.length]
  const kind = KINDS[Math.floor(round / AREAS.length) % KINDS.length]
  return [code + String(i + 1).padStart(9, '0'), bank, `${bank}股份有限公司${local ? '' : place}${area}${local ? which : ''}${kind}`]
}

export function* lines(n) {
  yield 'cnaps,bank,name'
  for (let i = 0; i < n; i++) yield branch(i).join(',')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write([...lines(Number(process.argv[2] ?? 150000))].join('\n') + '\n')
