"""What is said after a report and means nothing else by itself: more about it, or only chat? The rule is ours."""

from __future__ import annotations

NOTHING_SAID = frozenset(
    (
        *(
            "随便",
            "都行",
            "都可以",
            "嗯",
            "嗯嗯",
            "哦",
            "哦哦",
            "噢",
            "啊",
            "呃",
            "好",
            "好的",
            "好吧",
            "好嘞",
            "行",
            "行吧",
            "可以",
            "对",
            "是",
            "是的",
        ),
        *(
            "谢谢",
            "谢了",
            "多谢",
            "感谢",
            "辛苦了",
            "收到",
            "知道了",
            "晓得了",
            "明白",
            "没事",
            "没事了",
            "算了",
            "不用",
            "不用了",
            "不是",
        ),
        *("没有", "有", "在吗", "哈", "哈哈", "哈哈哈", "呵呵", "再见", "拜拜", "你好"),
        *("ok", "okay", "yes", "no", "thanks", "thx", "bye", "hi", "hello"),
    )
)
POINTS_AT_IT = (  # there, since when, how it shows, what was tried
    *(
        "那台",
        "这台",
        "那个",
        "这个",
        "左边",
        "右边",
        "中间",
        "里面",
        "外面",
        "上面",
        "下面",
        "后面",
        "旁边",
        "门口",
        "楼",
    ),
    *(
        "昨天",
        "前天",
        "昨晚",
        "早上",
        "一直",
        "几天",
        "天了",
        "小时了",
        "半天",
        "又",
        "还没",
        "还是",
        "仍然",
        "每次",
        "经常",
    ),
    *("没人", "敲", "钥匙", "贴", "纸条", "牌子", "开关", "插头", "插座", "电源", "屏幕", "按钮", "按键", "按了", "试"),
    *("声音", "响", "冒", "烟", "味", "漏", "裂", "卡", "掉", "松", "断", "灯"),
    *("still", "since", "again", "nobody", "left one", "right one", "inside", "outside", "smell", "noise"),
)


def about_it(words: str, *, straight_after: bool) -> bool:
    """Whether these words go to the ticket their writer reported a moment ago. `straight_after`: the first they say."""
    bare = "".join(one for one in words.lower() if one.isalnum() or one == " ").strip()
    if bare in NOTHING_SAID or sum(one.isalpha() for one in bare) < 2:
        return False
    return straight_after or any(one in bare for one in POINTS_AT_IT)
