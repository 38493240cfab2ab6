"""Plausible Chinese names: surnames by their real frequency, given names by sex and fashion."""

from __future__ import annotations

from typing import Final

import numpy as np

from yutang.simulator.chance import Dice, Ints, Mask

#: Surname and its share of the population in per mille.
#: Source: National names reports of the Ministry of Public Security (2020, 2021); the tail is rounded.
_SURNAME_TABLE: Final = """
王72 李71 张68 刘54 陈45 杨31 黄22 赵21 吴20 周19 徐17 孙15 马13 朱13 胡13 郭12 何11 林11 高10 罗10 郑9 梁9 谢8 宋8
唐7 许7 韩7 邓6 冯6 曹6 彭6 曾6 肖6 田5 董5 潘5 袁5 蔡5 蒋5 余5 于5 杜5 叶5 程5 魏5 苏5 吕5 丁4
任4 卢4 姚4 沈4 钟4 姜4 崔4 谭4 陆4 范4 汪4 廖4 石4 金4 韦3 贾3 夏3 付3 方3 邹3 熊3 白3 孟3 秦3
邱3 侯3 江3 尹3 薛3 闫3 段3 雷3 龙3 黎3 史3 陶3 贺3 毛3 郝3 顾3 龚3 邵3 万2 覃2 武2 钱2 戴2 严2
莫2 孔2 向2 汤2 温2 康2 施2 文2 牛2 樊2 葛2 邢2 安2 齐2 易2 乔2 伍2 庞2 颜2 倪2 庄2 聂2 章2 鲁2
岳2 翟2 殷2 詹2 申2 欧2 耿2 关2 兰2 焦2 俞2 左2 柳2 甘2 祝2 包2 宁2 尚2 符2 舒2 阮2 柯2 纪2 梅2
童2 凌2 毕2 单2 季2 裴2 霍2 涂2 成2 苗2 谷2 曲2 盛2 翁1 冉1 骆1 蓝1 路1 游1 辛1 靳1 管1 柴1 蒙1
鲍1 华1 喻1 祁1 蒲1 房1 滕1 屈1 饶1 解1 牟1 艾1 尤1 阳1 时1 穆1 农1 司1 卓1 古1 吉1 缪1 简1 车1
项1 连1 芦1 麦1 褚1 娄1 窦1 戚1 岑1 景1 党1 宫1 费1 卜1 冷1 晏1 席1 卫1 米1 柏1 宗1 瞿1 桂1 全1
佟1 应1 臧1 闵1 苟1 邬1 边1 卞1 姬1 师1 和1 仇1 栾1 隋1 商1 刁1 沙1 荣1 巫1 寇1 桑1 郎1 甄1 丛1
仲1 虞1 敖1 巩1 明1 佘1 池1 查1 麻1 苑1 欧阳1 上官1 司马1 诸葛1 东方1 皇甫1 尉迟1 令狐1
"""
_FEMALE_FIRST: Final = "雨子欣梦思佳诗雅静晓婷丽秀玉文美嘉慧语若心可一小红海春淑晨芷宛书沐艺紫怡瑞清月安以锦念楚"
_FEMALE_SECOND: Final = "涵怡萱婷悦欣妍琪彤颖雯洁慧敏芳丽娜娟玲静英华莉琳霞燕薇璇瑶菲宁馨佳蕾茹梅云兰晴桐禾"
_MALE_FIRST: Final = "子浩宇俊建志文伟明国天嘉家泽一梓博晓永海立思睿振学成德少庆光振云启承景修知亦书沐新春"
_MALE_SECOND: Final = "轩涵宇豪杰伟强军磊涛洋勇鹏飞超平辉华刚斌波龙凯峰林亮明然航泽博文东宁阳晨帆毅诚远川"
#: Share of given names of one character. Source: as above (about 7 % of the newborn, more among adults).
_ONE_CHARACTER: Final = 0.14

_ENTRIES: Final = _SURNAME_TABLE.split()
SURNAMES: Final = tuple(entry.rstrip("0123456789") for entry in _ENTRIES)
_WEIGHTS: Final = np.array([float(entry.lstrip("".join(SURNAMES))) for entry in _ENTRIES])
_FEMALE: Final = tuple(a + b for a in ("", *_FEMALE_FIRST) for b in _FEMALE_SECOND)
_MALE: Final = tuple(a + b for a in ("", *_MALE_FIRST) for b in _MALE_SECOND)
#: Given names, women's first.
GIVEN_NAMES: Final = _FEMALE + _MALE


def surnames(dice: Dice, people: Ints) -> Ints:
    """Return an index into `SURNAMES` per person."""
    return dice.chosen("surname", people, _WEIGHTS)


def given_names(dice: Dice, people: Ints, *, female: Mask) -> Ints:
    """Return an index into `GIVEN_NAMES` per person, fitting the sex."""
    women = _given(dice, people, first=len(_FEMALE_FIRST), second=len(_FEMALE_SECOND))
    men = _given(dice, people, first=len(_MALE_FIRST), second=len(_MALE_SECOND)) + len(_FEMALE)
    return np.where(female, women, men)


def _given(dice: Dice, people: Ints, *, first: int, second: int) -> Ints:
    """Early characters of the lists are the commoner ones: the square of a uniform throw leans to them."""
    lead = 1 + (dice.uniform("given first", people) ** 1.5 * first).astype(np.int64)
    lead = np.where(dice.happens("given of one", people, _ONE_CHARACTER), 0, lead)
    tail = (dice.uniform("given second", people) ** 1.3 * second).astype(np.int64)
    return np.asarray(lead * second + tail, dtype=np.int64)
