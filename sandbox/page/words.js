// Every word the page itself says, in Chinese and English. What the bot says comes from the bot.

const WORDS = {
  zh: {
    sandbox: "沙盒",
    note: "本机上的聊天窗口，不连接外网",
    otherLanguage: "English",
    lost: "与沙盒的连接断开了，正在重连……",
    close: "关闭",
    bot: "机器人",
    typing: "正在输入……",
    start: "开始",
    restart: "重新启用",
    stopped: "您已停用这个机器人",
    input: "输入消息",
    send: "发送",
    commands: "命令",
    attach: "附件",
    keyboard: "按钮键盘",
    location: "位置",
    photo: "照片",
    sticker: "表情",
    block: "停用机器人",
    edited: "已编辑",
    deleted: "消息已删除",
    today: "今天",
    pickPlace: "发送位置",
    pickHint: "点一下地图，就发送那里的位置",
    sketch: "示意图",
    whereMap: "地图区域",
    here: "我现在的位置",
    locating: "正在定位……",
    noPosition: "浏览器没有给出位置，请点地图或输入坐标",
    typed: "输入坐标：纬度,经度",
    typedSend: "发送坐标",
    typedWrong: "请写成“纬度,经度”，例如 29.55,106.45",
    places: "常用地点",
    openMap: "查看位置",
    sharedPlace: "位置",
    livePlace: "实时位置",
    you: "您",
    contact: "联系人",
    voice: "语音",
    refused: "没有发出去：",
    welcome: "这里还没有消息",
    ok: "好",
    weather: "网络",
    weatherLong: "网络状况与故障",
    roundTrip: "往返延迟（毫秒）",
    limitsOn: "执行发送频率限制（每聊天每秒 1 条）",
    faultFlood: "下一次请求：429，请 3 秒后再试",
    faultServer: "下一次请求：500 服务器错误",
    faultDrop: "下一次请求：断开，没有执行",
    faultDone: "下一次请求：已执行，但断开",
    planned: "已安排",
    jump: "回到最新消息",
    "role:worker": "工人",
    "role:manager": "管理员",
    "role:area_head": "区域站长",
    "role:general_head": "总站长",
  },
  en: {
    sandbox: "Sandbox",
    note: "Chat windows on this machine, offline",
    otherLanguage: "中文",
    lost: "Lost the sandbox, trying again…",
    close: "Close",
    bot: "bot",
    typing: "typing…",
    start: "START",
    restart: "RESTART",
    stopped: "You have stopped this bot",
    input: "Message",
    send: "Send",
    commands: "Commands",
    attach: "Attach",
    keyboard: "Button keyboard",
    location: "Location",
    photo: "Photo",
    sticker: "Sticker",
    block: "Stop the bot",
    edited: "edited",
    deleted: "Message deleted",
    today: "Today",
    pickPlace: "Send a location",
    pickHint: "Click the map to send that point",
    sketch: "sketch",
    whereMap: "Map area",
    here: "My current position",
    locating: "Locating…",
    noPosition: "The browser gave no position: click the map or type coordinates",
    typed: "Coordinates: latitude,longitude",
    typedSend: "Send coordinates",
    typedWrong: "Write latitude,longitude, like 29.55,106.45",
    places: "Places",
    openMap: "View location",
    sharedPlace: "Location",
    livePlace: "Live location",
    you: "You",
    contact: "Contact",
    voice: "Voice message",
    refused: "Not sent: ",
    welcome: "No messages here yet",
    ok: "OK",
    weather: "Network",
    weatherLong: "Network and faults",
    roundTrip: "Round trip (ms)",
    limitsOn: "Enforce sending limits (1 message a second per chat)",
    faultFlood: "Next request: 429, retry after 3 s",
    faultServer: "Next request: 500 server error",
    faultDrop: "Next request: dropped, not done",
    faultDone: "Next request: done, then dropped",
    planned: "Planned",
    jump: "Back to the newest message",
    "role:worker": "Worker",
    "role:manager": "Manager",
    "role:area_head": "Area head",
    "role:general_head": "General head",
  },
};

let language = localStorage.getItem("sandbox-language") === "en" ? "en" : "zh";

export const say = (key) => WORDS[language][key] ?? key;
export const role = (name) => WORDS[language][`role:${name}`] ?? name;
export const locale = () => (language === "en" ? "en-GB" : "zh-CN");

export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  localStorage.setItem("sandbox-language", language);
}

/** Put the words into everything under `root` that names one by data-say, data-say-label or data-say-hint. */
export function sayAll(root = document) {
  document.documentElement.lang = locale();
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-say-label]")) {
    element.title = say(element.dataset.sayLabel);
    element.setAttribute("aria-label", say(element.dataset.sayLabel));
  }
  for (const element of root.querySelectorAll("[data-say-hint]")) element.placeholder = say(element.dataset.sayHint);
}
