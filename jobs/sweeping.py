"""What time does to posts, workers and contacts, with the sweep of all cases."""

from cases.sweeping import sweep_step

from . import contacting, news, stopping, working

sweep_step("用工没有回话的")(contacting.lapse_all)
sweep_step("换了经营者的用工")(contacting.drop_the_left)
sweep_step("用工干完的")(contacting.finish_all)
sweep_step("招工到期")(stopping.end_posts)
sweep_step("招工暂停")(stopping.pause_the_silent)
sweep_step("找活到期")(working.stop_the_forgotten)
sweep_step("告知新的活")(news.tell_workers)
sweep_step("告知新的人")(news.tell_shops)
