// The sample areas in WGS-84 degrees, drawn by hand: a sketch to click on, not a survey.

export const AREAS = [
  {
    id: "shapingba",
    zh: "重庆沙坪坝",
    en: "Shapingba",
    box: { south: 29.5365, north: 29.5985, west: 106.42, east: 106.5 },
    water: [
      { name: "嘉陵江", width: 17, at: 0.33, line: [[29.606, 106.441], [29.595, 106.4525], [29.584, 106.4575], [29.5765, 106.466], [29.572, 106.478], [29.5665, 106.489], [29.5655, 106.506]] },
    ],
    green: [
      { name: "歌乐山", ring: [[29.603, 106.418], [29.603, 106.4305], [29.585, 106.431], [29.566, 106.428], [29.548, 106.4225], [29.548, 106.418]], at: [29.584, 106.4245] },
      { name: "平顶山公园", ring: [[29.5485, 106.4415], [29.5505, 106.447], [29.5455, 106.4495], [29.5435, 106.4435]], at: [29.547, 106.4455] },
    ],
    roads: [
      { name: "渝碚路", major: true, at: 0.3, line: [[29.602, 106.4365], [29.588, 106.444], [29.574, 106.448], [29.5635, 106.4525], [29.5585, 106.4575], [29.5525, 106.464], [29.545, 106.4715], [29.527, 106.4795]] },
      { name: "沙滨路", major: false, line: [[29.5815, 106.4545], [29.574, 106.4635], [29.5685, 106.476], [29.563, 106.4885], [29.5625, 106.503]] },
      { name: "石小路", major: true, line: [[29.5525, 106.464], [29.543, 106.4605], [29.527, 106.4525]] },
      { name: "天马路", major: false, line: [[29.5605, 106.432], [29.5565, 106.4445], [29.5577, 106.457], [29.5625, 106.467], [29.566, 106.4755]] },
      { name: "内环快速", major: true, line: [[29.602, 106.4685], [29.586, 106.4775], [29.5715, 106.4795], [29.5555, 106.486], [29.527, 106.493]] },
      { name: "凤天大道", major: false, line: [[29.5565, 106.4445], [29.546, 106.4375], [29.527, 106.4405]] },
    ],
    places: [
      { zh: "三峡广场", en: "Sanxia Square", lat: 29.5577, lon: 106.457, side: "right", preset: true },
      { zh: "沙坪坝站", en: "Shapingba Station", lat: 29.5541, lon: 106.4553, side: "left", preset: true },
      { zh: "小龙坎", en: "Xiaolongkan", lat: 29.5522, lon: 106.4646, side: "right", preset: true },
      { zh: "磁器口", en: "Ciqikou", lat: 29.581, lon: 106.45, side: "left", preset: true },
      { zh: "重庆大学", en: "Chongqing University", lat: 29.5655, lon: 106.4682, side: "left", preset: true },
      { zh: "杨公桥", en: "Yanggongqiao", lat: 29.5652, lon: 106.4518, side: "left", preset: false },
      { zh: "双碑", en: "Shuangbei", lat: 29.5955, lon: 106.4405, side: "right", preset: false },
      { zh: "天星桥", en: "Tianxingqiao", lat: 29.5438, lon: 106.461, side: "right", preset: false },
      { zh: "大石坝", en: "Dashiba", lat: 29.5735, lon: 106.4925, side: "below", preset: false },
    ],
  },
  {
    id: "shanghai",
    zh: "上海市中心",
    en: "Central Shanghai",
    box: { south: 31.1885, north: 31.253, west: 121.428, east: 121.511 },
    water: [
      { name: "黄浦江", width: 20, at: 0.3, line: [[31.176, 121.459], [31.1865, 121.4655], [31.193, 121.478], [31.1965, 121.4895], [31.206, 121.5005], [31.217, 121.5055], [31.228, 121.5025], [31.236, 121.4955], [31.2425, 121.4935], [31.2465, 121.5005], [31.2495, 121.515]] },
      { name: "苏州河", width: 7, at: 0.42, line: [[31.2335, 121.424], [31.2405, 121.434], [31.2465, 121.4445], [31.2445, 121.455], [31.2405, 121.4635], [31.2455, 121.475], [31.2455, 121.4855], [31.2435, 121.4925]] },
    ],
    green: [
      { name: "", ring: [[31.2345, 121.4695], [31.2345, 121.4735], [31.2315, 121.4745], [31.2305, 121.4695]], at: [31.233, 121.4716] },
      { name: "", ring: [[31.2205, 121.4635], [31.2205, 121.467], [31.2175, 121.4665], [31.2178, 121.463]], at: [31.2192, 121.465] },
    ],
    roads: [
      { name: "南京路", major: true, at: 0.16, line: [[31.2205, 121.428], [31.2237, 121.4455], [31.2293, 121.4588], [31.2325, 121.469], [31.236, 121.4795], [31.2397, 121.489]] },
      { name: "延安高架路", major: true, at: 0.13, line: [[31.2085, 121.428], [31.2195, 121.4455], [31.226, 121.4655], [31.2285, 121.479], [31.234, 121.489]] },
      { name: "南北高架路", major: true, line: [[31.257, 121.4585], [31.2405, 121.4622], [31.2255, 121.4655], [31.208, 121.4665], [31.1965, 121.47]] },
      { name: "淮海中路", major: false, line: [[31.2045, 121.4335], [31.213, 121.4475], [31.2195, 121.46], [31.2245, 121.4745]] },
      { name: "肇嘉浜路", major: false, line: [[31.1937, 121.4376], [31.199, 121.4495], [31.2055, 121.462], [31.2075, 121.474]] },
      { name: "世纪大道", major: false, line: [[31.2385, 121.4995], [31.2315, 121.513]] },
    ],
    places: [
      { zh: "人民广场", en: "People's Square", lat: 31.2304, lon: 121.4737, side: "right", preset: true },
      { zh: "外滩", en: "The Bund", lat: 31.2397, lon: 121.4905, side: "left", preset: true },
      { zh: "静安寺", en: "Jing'an Temple", lat: 31.2237, lon: 121.4464, side: "left", preset: true },
      { zh: "徐家汇", en: "Xujiahui", lat: 31.1937, lon: 121.4376, side: "right", preset: true },
      { zh: "陆家嘴", en: "Lujiazui", lat: 31.238, lon: 121.5022, side: "below", preset: true },
      { zh: "上海火车站", en: "Railway Station", lat: 31.2495, lon: 121.4555, side: "left", preset: true },
      { zh: "新天地", en: "Xintiandi", lat: 31.2195, lon: 121.475, side: "right", preset: false },
      { zh: "打浦桥", en: "Dapuqiao", lat: 31.2068, lon: 121.4692, side: "right", preset: false },
      { zh: "豫园", en: "Yu Garden", lat: 31.2272, lon: 121.4921, side: "left", preset: false },
    ],
  },
];

/** "29.55,106.45", "29.55，106.45", "29.55 106.45" or full-width digits → {lat, lon}, or null. */
export function typedPoint(text) {
  const plain = text.normalize("NFKC").replaceAll("、", ",").replaceAll("度", "").trim();
  const match = plain.match(/^([+-]?\d{1,2}(?:\.\d+)?)\s*(?:,|\s)\s*([+-]?\d{1,3}(?:\.\d+)?)$/);
  if (!match) return null;
  const [lat, lon] = [Number(match[1]), Number(match[2])];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}
